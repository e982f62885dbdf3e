// The types that the seven requests touch, and how each is answered.
import { randomUUID } from "node:crypto";

import * as sql from "./mercurius_sql.js";

const COUNT_MOST = 10_000;
const MOST = 100;

export const schema = `
scalar Date
scalar DateTime
scalar Decimal

enum MemberInvitationStatus { PENDING LINKED EXPIRED REVOKED REJECTED UNLINKED }
enum DeadlineStatus { SCHEDULED DUE FIRED CANCELLED DEAD }
enum SpecialistStatus { NONE APPLYING SPECIALIST CANCELLING }
enum CustomerLevel { V0 V1 V2 V3 V4 V5 }
enum AssociationType { REFERRAL AGENCY }
enum OrderStatus { PENDING_PAYMENT PROCESSING COMPLETED CANCELLED }
enum PaymentState { UNPAID PENDING_PARTNER_PAYMENT PAID PAID_ON_CREDIT REPAID CANCELLED }
enum ProjectRole { PROJECT_MANAGER ARCHITECT ENGINEER CONSULTANT }
enum CountPrecision { EXACT AT_LEAST }

type Query {
  memberInvitation(id: ID!): MemberInvitation
  memberInvitations(first: Int = 20, after: String): MemberInvitationConnection!
  customers(first: Int = 20, after: String): CustomerConnection!
  orders(first: Int = 20, after: String): OrderConnection!
  partners(first: Int = 20): PartnerConnection!
}
type Mutation {
  memberProjectRecord(input: MemberProjectRecordInput!): MemberProjectRecordPayload!
}

type PageInfo { hasNextPage: Boolean! endCursor: String }
type Count { value: Int! precision: CountPrecision! }
type Money { amount: Decimal! currency: String! }
type Deadline { dueAt: DateTime! status: DeadlineStatus! }

type MemberInvitation {
  id: ID!
  email: String!
  status: MemberInvitationStatus!
  sentAt: DateTime!
  expiresAt: DateTime!
  partner: Partner
  deadline: Deadline
}
type MemberInvitationConnection {
  nodes: [MemberInvitation!]!
  pageInfo: PageInfo!
  totalCount: Count!
}

type Partner { id: ID! name: String! tier: Int! members(first: Int = 20): MemberConnection! }
type PartnerConnection { nodes: [Partner!]! }
type Member { id: ID! linkedAt: DateTime! specialist: SpecialistStatus! }
type MemberConnection { nodes: [Member!]! }

type Person { name: String! }
type Operator { id: ID! person: Person }
type Association { id: ID! type: AssociationType! startedAt: DateTime! }
type Customer {
  id: ID!
  name: String!
  accountName: String!
  level: CustomerLevel!
  listedAt: DateTime!
  manager: Operator
  association: Association
}
type CustomerConnection { nodes: [Customer!]! pageInfo: PageInfo! }

type Goods { id: ID! name: String! }
type Buyer { id: ID! name: String! }
type OrderLine { id: ID! quantity: Int! dueAmount: Money! goods: Goods! }
type Order {
  id: ID!
  number: String!
  status: OrderStatus!
  paymentState: PaymentState!
  createdAt: DateTime!
  dueAmount: Money!
  customer: Buyer!
  lines: [OrderLine!]!
}
type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }

input MemberProjectRecordInput {
  memberId: ID!
  name: String!
  role: ProjectRole!
  startedOn: Date!
  endedOn: Date
}
type MemberProject {
  id: ID!
  name: String!
  role: ProjectRole!
  startedOn: Date!
  endedOn: Date
  version: Int!
}
type UserError { code: String! }
type MemberProjectRecordPayload { memberProject: MemberProject errors: [UserError!]! }
`;

export const resolvers = {
  Query: {
    async memberInvitation(_, { id }, { viewer, pool }) {
      const values = [viewer.partner_id, new Date(), bare("inv", id)];
      const { rows } = await pool.query({ ...sql.point, values });
      return rows.length ? invitation(rows[0]) : null;
    },
    memberInvitations: (_, args, { viewer, pool }) =>
      page(pool, sql.invitations, [viewer.partner_id, new Date()], args, invitation),
    customers: (_, args, { viewer, pool }) =>
      page(pool, sql.customers, [viewer.partner_id], args, customer),
    orders: (_, args, { viewer, pool }) =>
      page(pool, sql.orders, [viewer.partner_id, new Date()], args, order),
    async partners(_, { first }, { viewer, pool }) {
      const values = [viewer.partner_id];
      return { nodes: (await pool.query({ ...sql.partners(size(first)), values })).rows };
    },
  },
  MemberInvitationConnection: {
    async totalCount(_, __, { viewer, pool }) {
      const values = [viewer.partner_id, COUNT_MOST + 1];
      const { value } = (await pool.query({ ...sql.count, values })).rows[0];
      return value > COUNT_MOST
        ? { value: COUNT_MOST, precision: "AT_LEAST" }
        : { value, precision: "EXACT" };
    },
  },
  Mutation: {
    memberProjectRecord: (_, { input }, context) => record(input, context),
  },
};

// Mercurius batches these: one statement for the members of all partners of a page.
export const loaders = {
  Partner: {
    members: {
      async loader(queries, { pool }) {
        const first = queries.map(({ params }) => size(params.first)); // may differ by alias
        const values = [queries.map(({ obj }) => obj.key_id)];
        const pages = queries.map(() => ({ nodes: [] }));
        for (const row of (await pool.query({ ...sql.members(Math.max(...first)), values })).rows) {
          const { nodes } = pages[row.place - 1];
          if (nodes.length < first[row.place - 1]) nodes.push(row);
        }
        return pages;
      },
      opts: { cache: false },
    },
  },
};

async function page(pool, statements, known, { first, after }, shaped) {
  const most = size(first);
  const values = after ? [...known, ...decoded(after)] : known;
  const { rows } = await pool.query({ ...statements(most + 1, !!after), values });
  const hasNextPage = rows.length > most;
  if (hasNextPage) rows.length = most;
  const endCursor = rows.length ? encoded(rows[rows.length - 1]) : null;
  return { nodes: rows.map(shaped), pageInfo: { hasNextPage, endCursor } };
}

function invitation(row) {
  row.partner = { id: row.partner_id, name: row.partner_name };
  row.deadline = row.due_at && { dueAt: row.due_at, status: row.due_state };
  return row;
}

function customer(row) {
  row.manager = row.manager_id && { id: row.manager_id, person: { name: row.manager_name } };
  row.association = row.association_id && {
    id: row.association_id,
    type: row.association_type,
    startedAt: row.association_started_at,
  };
  return row;
}

function order(row) {
  row.dueAmount = { amount: row.amount, currency: row.currency };
  row.customer = { id: row.customer_id, name: row.customer_name };
  row.lines ??= [];
  return row;
}

// A workflow as one writes it: a transaction that locks what it decides on, and says what happened.
async function record(input, { viewer, pool }) {
  const { name, role, startedOn, endedOn = null } = input;
  const now = new Date();
  const memberId = bare("mbr", input.memberId);
  if (name.length > 200 || new Date(startedOn) > now) return refused("INVALID_INPUT");
  const client = await pool.connect();
  try {
    await client.query("begin");
    const found = await client.query({ ...sql.lock, values: [memberId, viewer.partner_id] });
    const member = found.rows[0];
    if (!member || member.unlinked_at) {
      await client.query("rollback");
      return refused(member ? "MEMBER_UNLINKED" : "NOT_FOUND");
    }
    const facts = [memberId, member.partner_id, name, role, startedOn, endedOn];
    const made = await client.query({ ...sql.record, values: [now, ...facts] });
    const { id } = made.rows[0];
    const after = JSON.stringify({ name, role, startedOn, endedOn });
    const who = [member.person_id, viewer.person_id, viewer.name, after, randomUUID()];
    await client.query({ ...sql.event, values: [now, member.partner_id, id, ...who] });
    await client.query("commit");
    const project = { id: `prj_${id.replaceAll("-", "")}`, name, role, startedOn, endedOn };
    return { memberProject: { ...project, version: 1 }, errors: [] };
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

const refused = (code) => ({ memberProject: null, errors: [{ code }] });

function size(first) {
  if (first < 0 || first > MOST) throw new Error(`first is between 0 and ${MOST}`);
  return first;
}

function bare(prefix, id) {
  if (!id.startsWith(`${prefix}_`)) throw new Error(`${id} is the id of something else`);
  return id.slice(prefix.length + 1);
}

const encoded = (row) => Buffer.from(`${row.key_id} ${row.key_at}`).toString("base64url");

function decoded(cursor) {
  const [id, ...at] = Buffer.from(cursor, "base64url").toString().split(" ");
  return [at.join(" "), id];
}
