-- A million orders of the first partner's customers, one every half minute; every third has two lines.
-- References are right by construction, so nobody checks them row by row.
set local session_replication_role = replica;

create temp table goods_n as
select n, pg_temp.id('goods', n, :now - interval '900 days') as id,
  pg_temp.id('sku', n, :now - interval '900 days') as sku_id,
  pg_temp.id('policy', n, :now - interval '900 days') as policy_id
from generate_series(1, :goods) n;

insert into goods (id, created_at, version, number, name, kind, category, on_sale, is_listed)
select id, :now - interval '900 days', 1, 'GD' || 10000 + n,
  (array['云备份', '云防火墙', '协同办公', '数据归档'])[1 + n % 4] || ' ' || n, 'SELF_OPERATED', 'SAAS',
  true, true
from goods_n;

insert into sku (id, created_at, version, goods_id, code, name, charge_mode, months, on_sale)
select sku_id, :now - interval '900 days', 1, id, 'GD' || 10000 + n || '-1', 'A year', 'PERIOD', 12,
  true
from goods_n;

create temp table order_n as
select number.n, pg_temp.id('order', number.n, made.at) as id, made.at, customer.id as customer_id,
  customer.partner_id, customer.association_id, customer.type, customer.manager_id,
  case when number.n % 3 = 0 then 2 else 1 end as lines,
  (100 + number.n % 900)::numeric(18, 2) as price,
  (array['COMPLETED', 'COMPLETED', 'COMPLETED', 'PROCESSING', 'CANCELLED'])[1 + number.n % 5] as status
from generate_series(1, :orders) number (n)
cross join lateral (select :now - (:orders - number.n) * interval '30 seconds' as at) made
join customer_n customer on customer.n = 1 + number.n::bigint * 7919 % :customers;

insert into sales_order (id, created_at, version, number, type, source, customer_id, partner_id,
  association_id, association_type, manager_id, seller_id, policy_scene, status, payment_state,
  list_amount, deal_amount, due_amount, pay_by, settled_at, paid_at, completed_at, cancelled_at,
  cancel_reason)
select id, at, 2, 'SO' || lpad(n::text, 9, '0'), 'NEW', 'CUSTOMER', customer_id, partner_id,
  association_id, type, manager_id, partner_id,
  case when partner_id is null then 'NONE' else 'DISTRIBUTOR' end, status,
  case status when 'CANCELLED' then 'CANCELLED' else 'PAID' end, price * lines, price * lines,
  price * lines, at + interval '7 days', at + interval '1 minute',
  case when status <> 'CANCELLED' then at + interval '1 minute' end,
  case when status = 'COMPLETED' then at + interval '2 minutes' end,
  case when status = 'CANCELLED' then at + interval '7 days' end,
  case when status = 'CANCELLED' then 'DEADLINE' end
from order_n;

insert into order_line (id, created_at, order_id, position, goods_id, sku_id, quantity, periods,
  charge_mode, months, unit_price, list_amount, discount, deal_amount, due_amount, kind, category,
  share_model, share_ratio, strategy, tax_rate, requires_supervision, five_day_refund, policy_id,
  fulfilment)
select pg_temp.id('line', bought.n * 2 + place, at), at, bought.id, place, goods.id, goods.sku_id,
  1, 1, 'PERIOD', 12, price, price, 1, price, price, 'SELF_OPERATED', 'SAAS', 'DEAL_PRICE', 0.1,
  'STANDARD', 0.06, false, true, goods.policy_id,
  case when status = 'COMPLETED' then 'OPEN' else 'WAITING' end
from order_n bought
join generate_series(1, 2) place on place <= lines
join goods_n goods on goods.n = 1 + (bought.n::bigint * 31 + place) % :goods;
