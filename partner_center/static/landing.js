// What the pages share that links lead to: two languages, signing in, asking the API, saying what came of it.
// The token stands behind the `#`, so that no server's log has it; it leaves only in requests to the API.

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { session { accessToken } errors { code message } }
}`;
const WHO = 'query Who { viewer { displayName email } }';

const shared = {
  en: {
    unreachable: 'The server could not be reached. Try again in a moment.',
    unexpected: 'Something went wrong. Try again in a moment.',
    email: 'Mail address',
    password: 'Password',
    signIn: 'Sign in',
    signedInAs: 'Signed in as',
    signOut: 'Use another account',
  },
  zh: {
    unreachable: '无法连接服务器,请稍后重试。',
    unexpected: '出现错误,请稍后重试。',
    email: '邮箱',
    password: '密码',
    signIn: '登录',
    signedInAs: '当前登录:',
    signOut: '使用其他帐号',
  },
};

export const byId = (id) => document.getElementById(id);
export const token = location.hash.slice(1);

/** How things stand. */
export const page = {
  language: /^zh/i.test(navigator.language) ? 'zh' : 'en',
  viewer: null,
  found: null, // what the link leads to
  notice: token ? null : (text) => text.noToken, // a function of the texts, so that it follows the language
  refusal: null, // the server's error that the notice is about
};

let accessToken = null; // kept nowhere else: it is gone with the page
let here; // what `start` was told

class Told extends Error {} // a sentence of the server's, meant for the person

/** What the only field of a document answers. Throws what the person is to be told. */
export async function ask(query, variables) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json', 'Accept-Language': page.language };
  if (accessToken) headers.Authorization = `Bearer ${accessToken}`;
  let response;
  try {
    response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  } catch {
    throw new Told(shared[page.language].unreachable);
  }
  const { data, errors } = await response.json().catch(() => ({}));
  if (!data && response.status === 401) forgetSignIn();
  if (!data) throw new Told(errors?.[0]?.message ?? shared[page.language].unexpected);
  const [answer] = Object.values(data);
  const [refusal] = answer?.errors ?? [];
  if (refusal) throw Object.assign(new Told(refusal.message), { refusal });
  return answer;
}

export async function signIn(form) {
  const input = { email: form.get('email'), password: form.get('password') };
  accessToken = (await ask(SIGN_IN, { input })).session.accessToken;
  page.viewer = await ask(WHO, {});
  page.notice = null;
}

function forgetSignIn() {
  accessToken = page.viewer = null;
}

/** What the link leads to, where that is told without signing in. */
async function look() {
  if (!token || !here.landing) return;
  page.found = await ask(here.landing, { token });
  if (!page.found) page.notice = (text) => text.unknown;
}

/** Do it with the buttons off; show what came of it, and how things stand now. */
async function busily(deed) {
  setBusy(true);
  page.refusal = null;
  await deed().catch(tell);
  const { notice, refusal } = page;
  await look().catch(tell);
  if (page.found && notice) Object.assign(page, { notice, refusal });
  setBusy(false);
  show();
}

function tell(error) {
  const sentence = error instanceof Told ? error.message : null;
  const refusal = error.refusal ?? null;
  page.refusal = refusal;
  page.notice = (text) => (refusal && here.explain(text, refusal)) || (sentence ?? text.unexpected);
}

function setBusy(is) {
  for (const button of document.querySelectorAll('button')) button.disabled = is;
}

function show() {
  const text = { ...shared[page.language], ...here.texts[page.language] };
  document.documentElement.lang = page.language;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text[element.dataset.text];
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === page.language));
  }
  byId('title').textContent = document.title = here.title(text);
  byId('viewer').textContent = page.viewer ? `${page.viewer.displayName} ${page.viewer.email ?? ''}` : '';
  byId('notice').hidden = !page.notice;
  byId('notice').textContent = page.notice ? page.notice(text) : '';
  here.show(text);
}

/** An instant, as a person reads it. */
export function written(instant) {
  return new Date(instant).toLocaleString(page.language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'long', timeStyle: 'long' });
}

/** Who invites, in the language of the page, where the partner has a name in it. */
export function partnerName() {
  const { partnerName: name, partnerNameEn } = page.found;
  return page.language === 'en' ? partnerNameEn ?? name : name;
}

/**
 * Bring the page to life: its `texts`, the `deeds` of its forms, `title(text)`, and `show(text)` for what it has alone.
 * `landing` asks what the token leads to; `explain(text, refusal)` says more than the refusal does, if it can.
 */
export function start(what) {
  here = what;
  for (const [id, deed] of Object.entries(here.deeds)) {
    byId(id).addEventListener('submit', (event) => {
      event.preventDefault();
      const form = new FormData(event.target);
      void busily(() => deed(form));
    });
  }
  byId('sign-out').addEventListener('click', () => {
    forgetSignIn();
    page.notice = page.refusal = null;
    show();
  });
  for (const button of document.querySelectorAll('[data-language]')) {
    button.addEventListener('click', () => {
      page.language = button.dataset.language;
      show();
    });
  }
  window.addEventListener('hashchange', () => location.reload());
  void busily(async () => {});
}
