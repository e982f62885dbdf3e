"""What makes a balance true: no statement by hand, and no bug, can make it another."""

from tortoise import migrations
from tortoise.migrations import operations as ops

from models.ledger import CURRENCY, Book

# Each entry of an account begins where the one before has ended, and the account's balance is where
# its last one ends. Those of a house's book have no sequence, so none of this holds for them.
CHAIN = (
    "alter table ledger_entry"
    " add column previous int generated always as (nullif(sequence, 1) - 1) stored",
    "alter table ledger_account"
    " add column last_entry int generated always as (nullif(entries, 0)) stored",
    "alter table ledger_entry add constraint ledger_entry_follows"
    " foreign key (account_id, previous, balance_before)"
    " references ledger_entry (account_id, sequence, balance_after)",
    "alter table ledger_account add constraint ledger_account_balance_is_last_entry"
    " foreign key (id, last_entry, balance)"
    " references ledger_entry (account_id, sequence, balance_after)"
    " deferrable initially deferred",
    "alter table ledger_entry add constraint ledger_entry_account_currency"
    " foreign key (account_id, currency) references ledger_account (id, currency)",
    "alter table ledger_entry add constraint ledger_entry_transfer_currency"
    " foreign key (transfer_id, currency) references ledger_transfer (id, currency)",
)

# Seen at the commit: by then the account knows of the entry, and the transfer is whole.
_ADDS_UP = """
create function ledger_entry_fits() returns trigger language plpgsql as $$
begin
  if not exists (
    select from ledger_account where id = new.account_id
      and case when kind = 'BOOK' then new.sequence is null else new.sequence <= entries end
  ) then
    raise exception 'entry % is not counted by its account', new.id
      using errcode = 'check_violation', constraint = 'ledger_entry_counted';
  end if;
  if (select sum(amount) from ledger_entry where transfer_id = new.transfer_id) <> 0 then
    raise exception 'transfer % does not add up to nothing', new.transfer_id
      using errcode = 'check_violation', constraint = 'ledger_transfer_balanced';
  end if;
  return null;
end $$
"""

_STAYS = """
create function ledger_stays() returns trigger language plpgsql as $$
begin
  raise exception '% is only ever added to', tg_table_name
    using errcode = 'check_violation', constraint = 'ledger_stays';
end $$
"""

# Else an account could be set back to an earlier entry of its own.
_GOES_ON = """
create function ledger_account_goes_on() returns trigger language plpgsql as $$
begin
  if new.entries < old.entries or new.kind <> old.kind or new.currency <> old.currency
    or (new.partner_id, new.customer_id, new.book)
      is distinct from (old.partner_id, old.customer_id, old.book)
  then
    raise exception 'account % can not go back or change hands', old.id
      using errcode = 'check_violation', constraint = 'ledger_account_goes_on';
  end if;
  return new;
end $$
"""

TRIGGERS = (
    "create constraint trigger ledger_entry_fits after insert on ledger_entry"
    " deferrable initially deferred for each row execute function ledger_entry_fits()",
    "create trigger ledger_entry_stays before update or delete on ledger_entry"
    " for each row execute function ledger_stays()",
    "create trigger ledger_transfer_stays before update or delete on ledger_transfer"
    " for each row execute function ledger_stays()",
    "create trigger ledger_account_goes_on before update on ledger_account"
    " for each row execute function ledger_account_goes_on()",
)

# The statement of a partner's account, of one customer alone.
INDEXES = (
    "create index ledger_entry_of_customer"
    " on ledger_entry (account_id, customer_id, created_at, id)"
    " where customer_id is not null",
    "create index ledger_account_in_credit on ledger_account (customer_id) where kind = 'CREDIT'",
)

# Ids that stay the same everywhere: 1, 2, 3 … in the order of `Book`.
_BOOKS = ", ".join(
    f"('{number:032x}', '2020-01-01T00:00:00Z', '{book.value}', 'BOOK', '{CURRENCY}',"
    " 0, 0, 0, 0, 0, 0, 0)"
    for number, book in enumerate(Book, start=1)
)
BOOKS = (
    "insert into ledger_account (id, created_at, book, kind, currency, balance, held, credit_limit,"
    f" designated, unreturned_invoices, uncredited, entries) values {_BOOKS}"
)


class Migration(migrations.Migration):
    """Constraints that models can't say, and the house's books."""

    dependencies = [("models", "0003_indexes")]

    initial = False

    operations = [
        ops.RunSQL(sql, "select 1")
        for sql in (*CHAIN, _ADDS_UP, _STAYS, _GOES_ON, *TRIGGERS, *INDEXES, BOOKS)
    ]
