-- Everything hangs on its number. `at` is when the first thing about it happened.

-- An id as `uuidv7()` would have made it at that time, but always the same one.
create function pg_temp.id(thing text, n bigint, at timestamptz) returns uuid
language sql immutable return (
  lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0')
  || '7' || substr(md5(thing || n), 1, 3) || '8' || substr(md5(thing || n), 4, 15))::uuid;

create temp table person_n as
select n, pg_temp.id('person', n, :now - interval '500 days') as id
from generate_series(1, :invitations + :partners + 1) n;

create temp table partner_n as
select n, pg_temp.id('partner', n, at) as id, at
from generate_series(1, :partners) n, lateral (select :now - (600 - n) * interval '1 day' as at) made;

create temp table invitation_n as
select number.n, pg_temp.id('invitation', number.n, made.at) as id, made.at,
  pg_temp.id('member', number.n, made.at) as member_id, partner.id as partner_id,
  person.id as person_id, inviter.id as invited_by, status,
  case when status = 'PENDING' then 2 else 1 end as generation,
  case when status = 'PENDING' then :now - (number.n % 144) * interval '1 hour' else made.at end
    as sent_at,
  case when status in ('EXPIRED', 'PENDING') then null else made.at + interval '1 day' end as answered_at
from generate_series(1, :invitations) number (n)
cross join lateral (
  select :now - interval '9 days' - (:invitations - n) * interval '20 minutes' as at,
    case when n % 2 = 1 then 1 else 2 + n / 2 % (:partners - 1) end as partner_number,
    (array['LINKED', 'LINKED', 'LINKED', 'LINKED', 'PENDING', case when n % 5 < 3 then 'EXPIRED'
      when n % 5 = 3 then 'REJECTED' else 'REVOKED' end])[1 + n / 2 % 6] as status) made
join partner_n partner on partner.n = partner_number
join person_n person on person.n = number.n
join person_n inviter on inviter.n = :invitations + partner_number;

insert into person (id, created_at, version, email, account_name, name, phone, locale, site,
  account_kind, real_name, password_hash)
select id, :now - interval '500 days', 1,
  case when n <= :invitations then 'person' || n || '@people.example'
    when n <= :invitations + :partners then 'administrator' || n - :invitations || '@partners.example'
    else 'staff@platform.example' end,
  'account' || n,
  (array['王', '李', '张', '刘', '陈', '杨', '赵', '黄', '周', '吴'])[1 + n % 10]
    || (array['伟', '芳', '娜', '敏', '静', '磊', '洋', '艳', '勇', '杰', '军'])[1 + n % 11],
  '+86138' || lpad(n::text, 8, '0'), case when n % 3 = 0 then 'en' else 'zh' end, 'CHINA',
  'PERSONAL', 'INDIVIDUAL', case when n > :invitations then :password_hash end
from person_n;

insert into partner (id, created_at, version, name, name_en, account_name, kind, tier, site, city,
  registered_on)
select id, at, 1,
  (array['云帆', '天启', '远景', '海纳', '智联', '博睿', '恒通'])[1 + n % 7] || n || '科技有限公司',
  'Partner ' || n || ' "Cloud" Co., Ltd.', 'partner' || n,
  case when n = 2 then 'DISTRIBUTOR' else 'SOLUTION_PROVIDER' end, 1 + n % 3, 'CHINA',
  (array['北京', '上海', '深圳', '杭州', '成都'])[1 + n % 5], at::date
from partner_n;

update partner set kind = 'RESELLER', distributor_id = (select id from partner_n where n = 2)
where id in (select id from partner_n where n > 45);

insert into role (id, created_at, version, partner_id, code, name, items)
values (uuidv7(), :now, 1, null, 'ADMINISTRATOR', 'Administrator', :items)
on conflict (code) where partner_id is null do nothing;

insert into operator (id, created_at, version, partner_id, person_id)
select pg_temp.id('operator', partner.n, at), at, 1, partner.id, person.id
from partner_n partner join person_n person on person.n = :invitations + partner.n;

insert into operator_role (id, created_at, operator_id, role_id)
select pg_temp.id('operator_role', n, at), at, pg_temp.id('operator', n, at), role.id
from partner_n, role where role.code = 'ADMINISTRATOR' and role.partner_id is null;

insert into staff_member (id, created_at, version, person_id, items)
select id, :now, 1, id, '["PARTNER_VIEW", "MEMBER_VIEW", "PERSONAL_DATA_VIEW"]'
from person_n where n = :invitations + :partners + 1;

insert into member_invitation (id, created_at, version, partner_id, person_id, email, status,
  token_hash, generation, message, invited_by, sent_at, expires_at, decided_at)
select id, at, generation, partner_id, person_id, 'person' || n || '@people.example', status,
  encode(sha256(id::text::bytea), 'hex'), generation,
  case when n % 4 = 0 then 'Join us: "' || n || '"' end, invited_by, sent_at,
  sent_at + interval '7 days',
  case when status = 'EXPIRED' then sent_at + interval '7 days' else answered_at end
from invitation_n;

insert into member (id, created_at, version, partner_id, person_id, invitation_id, linked_at,
  specialist)
select member_id, answered_at, 1, partner_id, person_id, id, answered_at,
  case when n % 7 = 0 then 'SPECIALIST' else 'NONE' end
from invitation_n where status = 'LINKED';

insert into member_project (id, created_at, version, member_id, partner_id, name, role, started_on,
  ended_on)
select pg_temp.id('project', n * 3 + k, answered_at), answered_at, 1, member_id, partner_id,
  'Project ' || n || '-' || k, (array['ARCHITECT', 'ENGINEER', 'CONSULTANT'])[1 + k],
  (answered_at - k * interval '50 days')::date, answered_at::date
from invitation_n, generate_series(0, 2) k where status = 'LINKED' and n % 3 > 0;

insert into timer (id, created_at, tenant_id, kind, subject_id, generation, due_at, on_timeout,
  state, attempts, next_attempt_at, fired_at, lateness_ms)
select pg_temp.id(kind, n, sent_at), sent_at, partner_id, 'member_invitation.' || kind, id,
  generation, due_at, upper(kind), state, 0, due_at,
  case when state = 'FIRED' then due_at + interval '200 milliseconds' end,
  case when state = 'FIRED' then 200 end
from invitation_n
cross join (values ('expire', 7), ('remind', 6)) timers (kind, days)
cross join lateral (
  select sent_at + days * interval '1 day' as due_at,
    case status when 'PENDING' then 'SCHEDULED' when 'EXPIRED' then 'FIRED'
      else 'CANCELLED' end as state) due;

insert into event (id, created_at, tenant_id, position, name, subject_type, subject_id, person_id,
  actor_kind, actor_id, actor_name, before, after, request_id, occurred_at)
select pg_temp.id(happened, n, at), at, partner_id,
  row_number() over (partition by partner_id order by at, n), 'member_invitation.' || happened,
  'member_invitation', id, person_id, 'OPERATOR', invited_by, 'Administrator', '{}',
  jsonb_build_object('status', status, 'generation', 1), 'request-' || n, at
from (
  select n, id, partner_id, person_id, invited_by, 'sent' as happened, 'PENDING' as status, at
  from invitation_n
  union all
  select n, id, partner_id, person_id, invited_by,
    case status when 'LINKED' then 'accepted' else lower(status) end, status,
    coalesce(answered_at, at + interval '7 days')
  from invitation_n where status <> 'PENDING') happened;

-- A hundred thousand customers of the first partner, with ten account managers.
create temp table manager_n as
select number.n, pg_temp.id('manager', number.n, :now - interval '400 days') as id,
  partner.id as partner_id
from generate_series(1, :managers) number (n), partner_n partner where partner.n = 1;

insert into operator (id, created_at, version, partner_id, person_id)
select manager.id, :now - interval '400 days', 1, manager.partner_id, person.id
from manager_n manager join person_n person on person.n = 2 * manager.n;

create temp table customer_n as
select number.n, pg_temp.id('customer', number.n, at) as id, at,
  pg_temp.id('association', number.n, at) as association_id, manager.id as manager_id,
  manager.partner_id, case when number.n % 3 = 0 then 'AGENCY' else 'REFERRAL' end as type
from generate_series(1, :customers) number (n)
cross join lateral (
  select :now - (:customers - number.n) * interval '5 minutes' as at) made
join manager_n manager on manager.n = 1 + number.n % :managers;

insert into customer (id, created_at, version, name, account_name, email, phone, registered_at,
  partner_id, association_id, association_type, manager_id, listed_at)
select id, at, 1,
  (array['星河', '蓝海', '新程', '金石', '云帆', '瑞丰', '中科'])[1 + n % 7] || n || '有限公司',
  'customer' || n, 'it' || n || '@customers.example', '+86139' || lpad(n::text, 8, '0'), at,
  partner_id, association_id, type, manager_id, at
from customer_n;

insert into association (id, created_at, version, customer_id, partner_id, type, started_at)
select association_id, at, 1, id, partner_id, type, at from customer_n;

insert into event_counter (id, created_at, last_position)
select tenant_id, min(created_at), max(position) from event group by tenant_id;
