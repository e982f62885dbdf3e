-- What PostGraphile is given: a role that sees a partner's rows, one that sees all, the columns
-- that the clock has a say in, and a workflow as a function. `app.*` are of the transaction.
create role postgraphile login noinherit;
create role postgraphile_partner;
create role postgraphile_staff;
grant postgraphile_partner, postgraphile_staff to postgraphile;

alter role postgraphile set timezone = 'UTC';
alter role postgraphile set jit = off;
alter role postgraphile set random_page_cost = 1.1;
alter role postgraphile set plan_cache_mode = force_generic_plan;

grant select on partner, person, operator, member_invitation, member, member_project, timer,
  customer, association, sales_order, order_line, goods to postgraphile_partner, postgraphile_staff;

create function viewer_partner_id() returns uuid language sql stable
return nullif(current_setting('app.partner_id', true), '')::uuid;

comment on function viewer_partner_id is '@behavior -*';

-- Whose a row is stands in it, or in what it belongs to. The owner, whom the others connect as,
-- isn't asked.
do $$
declare
  belonging record;
begin
  for belonging in
    select * from (values
      ('partner', 'id = (select viewer_partner_id())'),
      ('member_invitation', 'partner_id = (select viewer_partner_id())'),
      ('member', 'partner_id = (select viewer_partner_id())'),
      ('member_project', 'partner_id = (select viewer_partner_id())'),
      ('operator', 'partner_id = (select viewer_partner_id())'),
      ('timer', 'tenant_id = (select viewer_partner_id())'),
      ('customer', 'partner_id = (select viewer_partner_id())'),
      ('association', 'partner_id = (select viewer_partner_id())'),
      ('sales_order', 'partner_id = (select viewer_partner_id())'),
      -- Seen wherever what leads to it is seen.
      ('order_line', 'true'), ('person', 'true'), ('goods', 'true')) rows (name, rule)
  loop
    execute format('alter table %I enable row level security', belonging.name);
    execute format('create policy own on %I for select to postgraphile_partner using (%s)',
      belonging.name, belonging.rule);
    execute format('create policy every on %I for select to postgraphile_staff using (true)',
      belonging.name);
  end loop;
end $$;

-- What the tables don't say themselves.
comment on table customer is '@foreignKey (manager_id) references operator (id)|@fieldName manager
@foreignKey (association_id) references association (id)|@fieldName association';

-- GraphQL has a type of this name itself.
comment on table subscription is '@name cloud_subscription';

create function member_invitation_shown_status(invitation member_invitation) returns text
language sql stable return
  case when invitation.status = 'PENDING' and invitation.expires_at <= now() then 'EXPIRED'
    else invitation.status end;

create function member_invitation_deadline(invitation member_invitation) returns setof timer
language sql stable rows 1 as $$
  select * from timer
  where subject_id = invitation.id and kind = 'member_invitation.expire'
  order by generation desc limit 1
$$;

comment on function member_invitation_deadline is '@simpleCollections only';

create function timer_shown_state(deadline timer) returns text language sql stable return
  case when deadline.state = 'SCHEDULED' and deadline.due_at <= now() then 'DUE'
    else deadline.state end;

create function sales_order_shown_status(sold sales_order) returns text language sql stable return
  case when sold.status = 'PENDING_PAYMENT' and sold.pay_by <= now() then 'CANCELLED'
    else sold.status end;

create function sales_order_shown_payment_state(sold sales_order) returns text language sql stable
return case when sold.status = 'PENDING_PAYMENT' and sold.pay_by <= now() then 'CANCELLED'
  else sold.payment_state end;

create function member_project_record(
  member_id uuid, name text, role text, started_on date, ended_on date default null
) returns member_project
language plpgsql security definer set search_path = public as $$
declare
  known member;
  made member_project;
begin
  select * into known from member
  where id = member_project_record.member_id and partner_id = viewer_partner_id()
  for no key update;
  if not found then raise exception 'NOT_FOUND'; end if;
  if known.unlinked_at is not null then raise exception 'MEMBER_UNLINKED'; end if;
  if length(name) > 200 or started_on > current_date then raise exception 'INVALID_INPUT'; end if;
  insert into member_project (id, created_at, version, member_id, partner_id, name, role,
    started_on, ended_on)
  values (uuidv7(), now(), 1, known.id, known.partner_id, name, role, started_on, ended_on)
  returning * into made;
  insert into event (id, created_at, tenant_id, name, subject_type, subject_id, person_id,
    actor_kind, actor_id, actor_name, before, after, request_id, occurred_at)
  values (uuidv7(), now(), known.partner_id, 'member_project.recorded', 'member_project', made.id,
    known.person_id, 'OPERATOR', current_setting('app.person_id')::uuid,
    current_setting('app.person_name'), '{}',
    jsonb_build_object('name', name, 'role', role, 'startedOn', started_on, 'endedOn', ended_on),
    gen_random_uuid(), now());
  return made;
end $$;

revoke execute on function member_project_record from public;
grant execute on function member_project_record to postgraphile_partner;
