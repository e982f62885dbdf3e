// Prints the partner's members, page by page:
//   npm ci && npm run check && TOKEN=… npm start http://127.0.0.1:8000/graphql
import { print } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { InviteMemberDocument, MembersPageDocument } from "./client.js";

export class PartnerCenter {
  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  async ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    for (;;) {
      const response = await fetch(this.url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/graphql-response+json",
          authorization: `Bearer ${this.token}`,
        },
        body: JSON.stringify({ query: print(document), variables }),
      });
      const seconds = Number(response.headers.get("retry-after"));
      if (seconds > 0) {
        // Too many points were spent (429), or the database is away (503).
        await new Promise((done) => setTimeout(done, seconds * 1000));
        continue;
      }
      const answer = (await response.json()) as { data?: Data; errors?: { message: string }[] };
      if (!answer.data) throw new Error(answer.errors?.map((error) => error.message).join("; "));
      return answer.data;
    }
  }
}

export async function members(client: PartnerCenter): Promise<string[]> {
  const lines: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof pageAfter>> = await pageAfter(client, after);
    for (const member of page.nodes) {
      lines.push(`${member.person.name}  ${member.linkedAt}`);
    }
    if (!page.pageInfo.hasNextPage) return lines;
    after = page.pageInfo.endCursor ?? null;
  }
}

async function pageAfter(client: PartnerCenter, after: string | null) {
  return (await client.ask(MembersPageDocument, { first: 50, after })).members;
}

export async function invite(client: PartnerCenter, email: string): Promise<string> {
  // Made before it is sent: `ask` may send it again, and nobody is invited twice.
  const idempotencyKey = crypto.randomUUID();
  const { memberInvite } = await client.ask(InviteMemberDocument, { input: { email, idempotencyKey } });
  for (const error of memberInvite.errors) {
    if (error.__typename === "AccountNotInvitable") return `${error.code}: ${error.reason}`;
    return `${error.code}: ${error.message}`;
  }
  return `invited, until ${memberInvite.memberInvitation?.expiresAt}`;
}
