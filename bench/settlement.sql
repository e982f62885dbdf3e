-- So many sales of so many partners, opened in the last month, each waiting to be settled: one line
-- an order, paid by two instruments of which one counts, in four kinds of goods with two tax rates.
-- References are right by construction, so nobody checks them row by row.
set local session_replication_role = replica;

create temp table sale as
select n, pg_temp.id('order', n, at) as order_id, pg_temp.id('line', n, at) as line_id,
  pg_temp.id('partner', 1 + n % :partners, :long_ago) as partner_id,
  pg_temp.id('goods', n % 4, :long_ago) as goods_id, pg_temp.id('sku', n % 4, :long_ago) as sku_id,
  pg_temp.id('customer', n % 1000, :long_ago) as customer_id,
  (100 + n::bigint * 7919 % 99901 / 100.0)::numeric(18, 2) as price,
  at
from generate_series(1, :lines) n
cross join lateral (select :starts_at + n * interval '20 days' / :lines as at) made;

insert into partner (id, created_at, version, name, account_name, kind, tier, site,
  is_verified_enterprise, step_up_enabled)
select pg_temp.id('partner', n, :long_ago), :long_ago, 1, 'Partner ' || n, 'partner' || n, 'SOLUTION_PROVIDER',
  1, 'CHINA', true, false
from generate_series(1, :partners) n;

insert into business_information (id, created_at, version, partner_id, status, legal_name,
  bank_name, bank_account, taxpayer_kind, fee_tax_rate, currency, signing_entity, submitted_by,
  decided_at)
select pg_temp.id('information', n, :long_ago), :long_ago, 1, pg_temp.id('partner', n, :long_ago), 'CERTIFIED',
  'Partner ' || n, 'Bank', '6222', 'GENERAL', 0.06, 'CNY', 'Cloud', pg_temp.id('partner', n, :long_ago),
  :long_ago
from generate_series(1, :partners) n;

insert into goods (id, created_at, version, number, name, kind, category, on_sale, is_listed)
select pg_temp.id('goods', n, :long_ago), :long_ago, 1, 'GD' || n, 'Goods ' || n, 'SELF_OPERATED', 'SAAS',
  true, true
from generate_series(0, 3) n;

insert into sales_order (id, created_at, version, number, type, source, customer_id, seller_id,
  policy_scene, status, payment_state, list_amount, deal_amount, due_amount, pay_by, settled_at,
  paid_at, completed_at)
select order_id, at, 2, 'SO' || n, 'NEW', 'CUSTOMER', customer_id, partner_id, 'CSP', 'COMPLETED',
  'PAID', price, price, price, at + interval '7 days', at, at, at
from sale;

insert into order_line (id, created_at, order_id, position, goods_id, sku_id, quantity, periods,
  charge_mode, months, unit_price, list_amount, discount, deal_amount, due_amount, kind, category,
  share_model, share_ratio, strategy, tax_rate, floor_amount, requires_supervision,
  five_day_refund, policy_id, exclusive_offer_id, fulfilment, opened_at, effective_at)
select line_id, at, order_id, 1, goods_id, sku_id, 1, 1, 'PERIOD', 12, price, price, 1, price, price,
  (array['SELF_OPERATED', 'JOINT_OPERATED'])[1 + n % 2], 'SAAS',
  (array['DEAL_PRICE', 'DEAL_PRICE', 'DEAL_PRICE', 'FLOOR_PRICE'])[1 + n % 4], 0.15, 'STANDARD',
  (array[0.06, 0.13])[1 + n / 2 % 2], price * 0.7, false, true, goods_id, goods_id, 'OPEN', at, at
from sale;

insert into payment_part (id, created_at, order_id, position, instrument, amount,
  counts_performance)
select pg_temp.id('part' || position, n, at), at, order_id, position,
  (array['VOUCHER', 'CASH'])[position], case position when 1 then 10 else price - 10 end,
  position = 2
from sale cross join generate_series(1, 2) position;

insert into payment_share (id, created_at, part_id, line_id, amount)
select pg_temp.id('share' || position, n, at), at, pg_temp.id('part' || position, n, at), line_id,
  case position when 1 then 10 else price - 10 end
from sale cross join generate_series(1, 2) position;

insert into unsettled (id, created_at, partner_id, kind, order_line_id, cash)
select pg_temp.id('unsettled', n, at), at, partner_id, 'ORIGINAL', line_id, price - 10 from sale;
