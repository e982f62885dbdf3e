import type { Fetcher, FetcherOpts, FetcherParams } from '@graphiql/toolkit';
import { getOperationAST, type ExecutionResult } from 'graphql';
import { createClient, type Client } from 'graphql-ws';
import { post, URL } from './api';
import { authorization } from './session';

const live = new Set<Client>();

/** What GraphiQL sends its operations with. The headers typed in the editor win over the session's. */
export function createFetcher(): Fetcher {
  return (params, options = {}) => (isSubscription(params, options) ? subscribe(params, options) : request(params, options));
}

/** Subscriptions outlive the session they were opened with, unless somebody closes them. */
export function closeSubscriptions(): void {
  live.forEach((client) => void client.dispose());
}

function isSubscription({ operationName }: FetcherParams, { documentAST }: FetcherOpts): boolean {
  return !!documentAST && getOperationAST(documentAST, operationName)?.operation === 'subscription';
}

async function request(params: FetcherParams, { headers }: FetcherOpts) {
  const { result } = await post(params, { ...(await authorization()), ...lowered(headers) });
  return result as ExecutionResult;
}

/** A connection for each subscription, so that every one carries the token of its day. */
async function* subscribe(params: FetcherParams, { headers }: FetcherOpts): AsyncGenerator<ExecutionResult> {
  const client = createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${URL}`,
    connectionParams: async () => ({ ...(await authorization()), ...lowered(headers) }),
  });
  live.add(client);
  try {
    yield* client.iterate({ ...params, operationName: params.operationName ?? undefined }) as AsyncIterable<ExecutionResult>;
  } catch (error) {
    throw error instanceof CloseEvent ? new Error(`Socket closed: ${error.code} ${error.reason}`.trim()) : error;
  } finally {
    live.delete(client);
    void client.dispose();
  }
}

function lowered(headers: FetcherOpts['headers'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
