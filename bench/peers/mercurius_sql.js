// One statement for each page, rows as flat as the joins give them.
const time = (column) => `to_char(${column}, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
const id = (prefix, column) => `'${prefix}_' || encode(uuid_send(${column}), 'hex')`;

const INVITATION = `${id("inv", "i.id")} as id, i.email,
  case when i.status = 'PENDING' and i.expires_at <= $2 then 'EXPIRED' else i.status end as status,
  ${time("i.sent_at")} as "sentAt", ${time("i.expires_at")} as "expiresAt",
  ${id("ptn", "p.id")} as partner_id, p.name as partner_name`;

export const point = {
  name: "point",
  text: `select ${INVITATION}
    from member_invitation i join partner p on p.id = i.partner_id
    where i.id = $3 and i.partner_id = $1`,
};

// A statement for each size of page: with a parameter instead, the planner would expect a tenth of
// the table. `next` goes on behind a key: (time, id) of the last row that was seen.
function paged(name, text) {
  const made = new Map();
  return (size, next) => {
    const key = `${name}_${size}${next ? "_next" : ""}`;
    if (!made.has(key)) made.set(key, { name: key, text: text(size, next) });
    return made.get(key);
  };
}

export const invitations = paged("invitations", (size, next) => `
  select ${INVITATION}, ${time("d.due_at")} as due_at,
    case when d.state = 'SCHEDULED' and d.due_at <= $2 then 'DUE' else d.state end as due_state,
    i.created_at::text as key_at, i.id as key_id
  from (select * from member_invitation where partner_id = $1
    ${next ? "and (created_at, id) < ($3::timestamptz, $4::uuid)" : ""}
    order by created_at desc, id desc limit ${size}) i
  join partner p on p.id = i.partner_id
  left join lateral (
    select due_at, state from timer
    where subject_id = i.id and kind = 'member_invitation.expire'
    order by generation desc limit 1) d on true
  order by i.created_at desc, i.id desc`);

export const count = {
  name: "count",
  text: `select count(*)::int as value
    from (select from member_invitation where partner_id = $1 limit $2) counted`,
};

export const customers = paged("customers", (size, next) => `
  select ${id("cus", "c.id")} as id, c.name, c.account_name as "accountName", c.level,
    ${time("c.listed_at")} as "listedAt", ${id("opr", "o.id")} as manager_id,
    p.name as manager_name, ${id("asc", "a.id")} as association_id, a.type as association_type,
    ${time("a.started_at")} as association_started_at,
    c.listed_at::text as key_at, c.id as key_id
  from (select * from customer where partner_id = $1
    ${next ? "and (listed_at, id) < ($2::timestamptz, $3::uuid)" : ""}
    order by listed_at desc, id desc limit ${size}) c
  left join operator o on o.id = c.manager_id
  left join person p on p.id = o.person_id
  left join association a on a.id = c.association_id
  order by c.listed_at desc, c.id desc`);

export const orders = paged("orders", (size, next) => `
  select ${id("ord", "o.id")} as id, o.number,
    case when late then 'CANCELLED' else o.status end as status,
    case when late then 'CANCELLED' else o.payment_state end as "paymentState",
    ${time("o.created_at")} as "createdAt", o.due_amount as amount, o.currency,
    ${id("cus", "c.id")} as customer_id, c.name as customer_name, of_order.lines,
    o.created_at::text as key_at, o.id as key_id
  from (select *, status = 'PENDING_PAYMENT' and pay_by <= $2 as late from sales_order
    where partner_id = $1 ${next ? "and (created_at, id) < ($3::timestamptz, $4::uuid)" : ""}
    order by created_at desc, id desc limit ${size}) o
  join customer c on c.id = o.customer_id
  cross join lateral (
    select json_agg(json_build_object('id', ${id("orl", "l.id")}, 'quantity', l.quantity,
        'dueAmount', json_build_object('amount', l.due_amount::text, 'currency', o.currency),
        'goods', json_build_object('id', ${id("gds", "g.id")}, 'name', g.name)
      ) order by l.position) as lines
    from order_line l join goods g on g.id = l.goods_id where l.order_id = o.id) of_order
  order by o.created_at desc, o.id desc`);

// Staff sees all partners, anyone else his own.
export const partners = paged("partners", (size) => `
  select ${id("ptn", "id")} as id, name, tier, id as key_id from partner
    where $1::uuid is null or id = $1 order by created_at desc, id desc limit ${size}`);

export const members = paged("members", (size) => `
  select ${id("mbr", "m.id")} as id, ${time("m.linked_at")} as "linkedAt", m.specialist,
      wanted.place
    from unnest($1::uuid[]) with ordinality as wanted (id, place) cross join lateral (
      select * from member where partner_id = wanted.id
    order by linked_at desc, id desc limit ${size}) m
  order by wanted.place, m.linked_at desc, m.id desc`);

export const lock = {
  name: "lock",
  text: `select partner_id, person_id, unlinked_at from member
    where id = $1 and partner_id = $2 for no key update`,
};

export const record = {
  name: "record",
  text: `insert into member_project
      (id, created_at, version, member_id, partner_id, name, role, started_on, ended_on)
    values (uuidv7(), $1, 1, $2, $3, $4, $5, $6, $7)
    returning id`,
};

export const event = {
  name: "event",
  text: `insert into event (id, created_at, tenant_id, name, subject_type, subject_id, person_id,
      actor_kind, actor_id, actor_name, before, after, request_id, occurred_at)
    values (uuidv7(), $1, $2, 'member_project.recorded', 'member_project', $3, $4, 'OPERATOR', $5,
      $6, '{}', $7, $8, $1)`,
};
