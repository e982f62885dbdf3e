import { useSyncExternalStore } from 'react';
import { post } from './api';
import { texts } from './language';

interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
}

interface Stored extends Tokens {
  /** When to refresh, by this computer's clock, which need not be the server's. */
  due: number;
}

export interface Viewer {
  displayName: string;
  kind: string;
}

interface State {
  tokens: Stored | null;
  viewer: Viewer | null;
  busy: boolean;
  notice: string | null;
}

interface Payload {
  session: Tokens | null;
  errors: readonly { code: string; message: string }[] | null;
}

const KEY = 'partner-center:session';
const RESULT = '{ session { accessToken refreshToken expiresAt } errors { code message } }';
const SIGN_IN = `mutation SignIn($input: SignInInput!) { signIn(input: $input) ${RESULT} }`;
const REFRESH = `mutation SessionRefresh($input: SessionRefreshInput!) { sessionRefresh(input: $input) ${RESULT} }`;
const VIEWER = 'query Viewer { viewer { displayName kind } }';
const EARLY = 30_000;
const SHORTEST_LIFE = 10_000;
const RETRY = 10_000;
const LONGEST_TIMER = 2 ** 31 - 1;

let state: State = { tokens: stored(), viewer: null, busy: false, notice: null };
let timer: ReturnType<typeof setTimeout> | undefined;
let refreshing: Promise<void> | null = null;
const listeners = new Set<() => void>();

export function useSession(): State {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, () => state);
}

/** The header of a signed-in request; refreshes a token that is about to lapse first. */
export async function authorization(): Promise<Record<string, string>> {
  if (state.tokens && state.tokens.due <= Date.now()) await refresh();
  return state.tokens ? { authorization: `Bearer ${state.tokens.accessToken}` } : {};
}

export async function signIn(email: string, password: string): Promise<boolean> {
  change({ busy: true, notice: null });
  try {
    const tokens = await ask('signIn', SIGN_IN, { email, password });
    keep(tokens);
    await whoAmI();
    return true;
  } catch (error) {
    change({ notice: message(error) });
    return false;
  } finally {
    change({ busy: false });
  }
}

export function signOut(notice: string | null = null): void {
  clearTimeout(timer);
  sessionStorage.removeItem(KEY);
  change({ tokens: null, viewer: null, notice });
}

/** Takes up the session that this browser tab had before a reload. */
export async function resume(): Promise<void> {
  if (!state.tokens) return;
  schedule();
  try {
    await whoAmI();
    if (!state.viewer) await refresh();
    if (state.tokens && !state.viewer) await whoAmI();
  } catch (error) {
    change({ notice: message(error) });
  }
}

async function whoAmI(): Promise<void> {
  const { result } = await post<{ viewer: Viewer | null }>({ query: VIEWER }, await authorization());
  change({ viewer: (state.tokens && result.data?.viewer) || null });
}

/** At most one refresh at a time: a refresh token is good for one use. */
function refresh(): Promise<void> {
  refreshing ??= renew().finally(() => (refreshing = null));
  return refreshing;
}

async function renew(): Promise<void> {
  const old = state.tokens;
  if (!old) return;
  try {
    const tokens = await ask('sessionRefresh', REFRESH, { refreshToken: old.refreshToken });
    if (state.tokens === old) keep(tokens);
  } catch (error) {
    if (state.tokens !== old) return;
    if (error instanceof Refused) return signOut(texts().ended);
    clearTimeout(timer);
    timer = setTimeout(refresh, RETRY);
  }
}

class Refused extends Error {}

async function ask(field: string, query: string, input: object): Promise<Stored> {
  const { result, at } = await post<Record<string, Payload | null>>({ query, variables: { input } }, {});
  const payload = result.data?.[field];
  if (payload?.session) return { ...payload.session, due: due(payload.session, at) };
  if (payload) throw new Refused(payload.errors?.[0]?.message ?? texts().unexpected);
  const error = result.errors?.[0];
  const Kind = error?.extensions?.code === 'UNAUTHENTICATED' ? Refused : Error;
  throw new Kind(error?.message ?? texts().unexpected);
}

function due({ expiresAt }: Tokens, serverTime: number): number {
  const life = Math.max(Date.parse(expiresAt) - serverTime || 0, SHORTEST_LIFE);
  return Date.now() + life - Math.min(EARLY, life / 5);
}

function keep(tokens: Stored): void {
  sessionStorage.setItem(KEY, JSON.stringify(tokens));
  change({ tokens, notice: null });
  schedule();
}

function schedule(): void {
  clearTimeout(timer);
  if (!state.tokens) return;
  const wait = Math.max(state.tokens.due - Date.now(), 0);
  timer = setTimeout(wait > LONGEST_TIMER ? schedule : refresh, Math.min(wait, LONGEST_TIMER));
}

function stored(): Stored | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? 'null') as Stored | null;
  } catch {
    return null;
  }
}

function change(part: Partial<State>): void {
  state = { ...state, ...part };
  listeners.forEach((tell) => tell());
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
