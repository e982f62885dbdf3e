import { language, texts } from './language';

export const URL = '/graphql';

export interface Result<Data> {
  data?: Data | null;
  errors?: readonly { message: string; extensions?: { code?: string } }[];
}

export interface Answer<Data> {
  result: Result<Data>;
  /** The server's clock when it answered, or ours when it did not say. */
  at: number;
}

/** One GraphQL request. Any GraphQL answer is returned, whatever its status; anything else is thrown. */
export async function post<Data>(body: object, headers: HeadersInit): Promise<Answer<Data>> {
  const all = new Headers({
    'Content-Type': 'application/json',
    Accept: 'application/graphql-response+json, application/json',
    'Accept-Language': language(),
  });
  new Headers(headers).forEach((value, name) => all.set(name, value));
  let response: Response;
  try {
    response = await fetch(URL, { method: 'POST', body: JSON.stringify(body), headers: all });
  } catch {
    throw new Error(texts().unreachable);
  }
  const result: unknown = await response.json().catch(() => null);
  if (typeof result !== 'object' || result === null) {
    throw new Error(`${texts().unexpected}: ${response.status} ${response.statusText}`.trim());
  }
  return { result, at: Date.parse(response.headers.get('Date') ?? '') || Date.now() };
}
