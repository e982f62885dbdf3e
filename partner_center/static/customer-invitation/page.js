// Where the link or QR code of a customer's invitation leads: what it is about, and, signed in, yes.
// The token stands behind the `#`, so that no server's log has it; it leaves only in the requests below.

const LANDING = `query Landing($token: String!) {
  customerInvitationByToken(token: $token) {
    partnerName partnerNameEn associationType maskedEmail status expiresAt
  }
}`;
const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { session { accessToken } errors { code message } }
}`;
const WHO = 'query Who { viewer { displayName email } }';
const ACCEPT = `mutation Accept($input: CustomerInvitationAcceptInput!) {
  customerInvitationAccept(input: $input) {
    association { state }
    errors { code message ... on AssociationCheckFailed { checks { message } } }
  }
}`;

const texts = {
  en: {
    title: (partner) => `${partner} invites your company`,
    untitled: 'An invitation',
    partner: 'Invited by',
    type: 'As',
    account: 'Sent to',
    status: 'Status',
    deadline: 'Accept before',
    types: {
      REFERRAL: 'referral customer: you go on paying for yourselves',
      AGENCY: 'agency customer: the partner pays for you, and invoices you',
    },
    statuses: {
      SENT: 'waits for your answer',
      ACCEPTED: 'accepted',
      FAILED: 'something is in the way; put it right and accept again',
      CANCELLED: 'taken back by the partner',
      EXPIRED: 'expired: seven days went by without an answer',
    },
    unknown: 'This link is not good: it was never made, or a newer one was. Open the newest mail, or ask the partner for a new link.',
    noToken: 'Open this page by the link or QR code: what stands behind its # is missing.',
    unreachable: 'The server could not be reached. Try again in a moment.',
    unexpected: 'Something went wrong. Try again in a moment.',
    signInWhy: 'Sign in as a user of your company, to accept for it.',
    email: 'Mail address',
    password: 'Password',
    signIn: 'Sign in',
    signedInAs: 'Signed in as',
    signOut: 'Use another account',
    consent: (partner) => `I agree, for my company, that ${partner} sees its account, orders and consumption.`,
    accept: 'Accept',
    accepted: (partner) => `Your company is now a customer of ${partner}.`,
    checked: 'This is in the way:',
  },
  zh: {
    title: (partner) => `${partner} 邀请贵司关联`,
    untitled: '关联邀请',
    partner: '邀请方',
    type: '关联类型',
    account: '受邀邮箱',
    status: '状态',
    deadline: '请在此之前接受',
    types: {
      REFERRAL: '顾问销售:由贵司自行支付',
      AGENCY: '代售:由伙伴支付并向贵司开票',
    },
    statuses: {
      SENT: '待接受',
      ACCEPTED: '已关联',
      FAILED: '关联失败,处理后可再次接受',
      CANCELLED: '伙伴已撤回',
      EXPIRED: '已失效(7 天内未答复)',
    },
    unknown: '链接无效:该链接不存在,或已有更新的邀请链接。请打开最新的邮件,或联系伙伴获取新的链接。',
    noToken: '请通过链接或二维码打开此页面:链接中 # 之后的内容缺失。',
    unreachable: '无法连接服务器,请稍后重试。',
    unexpected: '出现错误,请稍后重试。',
    signInWhy: '请以贵司用户身份登录,代表贵司接受邀请。',
    email: '邮箱',
    password: '密码',
    signIn: '登录',
    signedInAs: '当前登录:',
    signOut: '使用其他帐号',
    consent: (partner) => `我代表贵司同意 ${partner} 查看贵司的帐号、订单和消费信息。`,
    accept: '接受邀请',
    accepted: (partner) => `贵司已成为 ${partner} 的客户。`,
    checked: '暂无法关联:',
  },
};

const byId = (id) => document.getElementById(id);
const token = location.hash.slice(1);

let language = /^zh/i.test(navigator.language) ? 'zh' : 'en';
let invitation = null; // what the link leads to; undefined when it leads nowhere
let accessToken = null; // kept nowhere else: it is gone with the page
let viewer = null;
let notice = null; // a function of the texts, so that it follows the language
let checks = []; // what is in the way, in the language in which it was told

class Told extends Error {} // a sentence of the server's, meant for the person

async function ask(query, variables) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json', 'Accept-Language': language };
  if (accessToken) headers.Authorization = `Bearer ${accessToken}`;
  let response;
  try {
    response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  } catch {
    throw new Told(texts[language].unreachable);
  }
  const { data, errors } = await response.json().catch(() => ({}));
  if (!data && response.status === 401) forgetSignIn();
  if (!data) throw new Told(errors?.[0]?.message ?? texts[language].unexpected);
  const [answer] = Object.values(data);
  const [refusal] = answer?.errors ?? [];
  if (refusal) throw Object.assign(new Told(refusal.message), { checks: refusal.checks ?? [] });
  return answer;
}

async function look() {
  if (!token) {
    invitation = undefined;
    notice = (text) => text.noToken;
    return;
  }
  invitation = (await ask(LANDING, { token })) ?? undefined;
  if (!invitation) notice = (text) => text.unknown;
}

async function signIn(form) {
  const input = { email: form.get('email'), password: form.get('password') };
  accessToken = (await ask(SIGN_IN, { input })).session.accessToken;
  viewer = await ask(WHO, {});
  notice = null;
}

async function accept(form) {
  const name = partnerName();
  await ask(ACCEPT, { input: { token, consent: form.get('consent') === 'on' } });
  notice = (text) => text.accepted(name);
  viewer = null; // there is nothing left to answer, though a link goes on for others
  invitation.isAnswered = true;
}

function forgetSignIn() {
  accessToken = viewer = null;
}

/** Do it with the buttons off; show what came of it, and how the invitation stands now. */
async function busily(deed) {
  setBusy(true);
  checks = [];
  try {
    await deed();
  } catch (error) {
    tell(error);
  }
  const said = notice;
  const isAnswered = invitation?.isAnswered;
  await look().catch(tell);
  if (invitation && said) notice = said;
  if (invitation) invitation.isAnswered = isAnswered;
  setBusy(false);
  show();
}

function tell(error) {
  const sentence = error instanceof Told ? error.message : null;
  checks = (error.checks ?? []).map((check) => check.message);
  notice = (text) => (checks.length ? text.checked : sentence ?? text.unexpected);
}

function setBusy(is) {
  for (const button of document.querySelectorAll('button')) button.disabled = is;
}

function show() {
  const text = texts[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text[element.dataset.text];
  for (const button of document.querySelectorAll('[data-language]')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language));
  }
  const title = invitation ? text.title(partnerName()) : text.untitled;
  byId('title').textContent = document.title = title;
  byId('facts').hidden = !invitation;
  if (invitation) showFacts(text);
  const isOpen = ['SENT', 'FAILED'].includes(invitation?.status) && !invitation.isAnswered;
  byId('sign-in').hidden = !isOpen || Boolean(viewer);
  byId('answer').hidden = !isOpen || !viewer;
  byId('viewer').textContent = viewer ? `${viewer.displayName} ${viewer.email ?? ''}` : '';
  byId('notice').hidden = !notice;
  byId('notice').textContent = notice ? notice(text) : '';
  byId('checks').hidden = !checks.length;
  byId('checks').replaceChildren(...checks.map((check) => Object.assign(document.createElement('li'), { textContent: check })));
}

function showFacts(text) {
  const { partnerName: name, partnerNameEn, associationType, maskedEmail, status, expiresAt } = invitation;
  byId('partner').textContent = [...new Set([name, partnerNameEn].filter(Boolean))].join(' · ');
  byId('type').textContent = text.types[associationType] ?? associationType;
  byId('account').textContent = maskedEmail ?? '–';
  byId('status').textContent = text.statuses[status] ?? status;
  byId('deadline').textContent = expiresAt
    ? new Date(expiresAt).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'long', timeStyle: 'long' })
    : '–';
  if (expiresAt) byId('deadline').dateTime = expiresAt;
  byId('consent-text').textContent = text.consent(partnerName());
}

/** In the language of the page, where the partner has a name in it. */
function partnerName() {
  return language === 'en' ? invitation.partnerNameEn ?? invitation.partnerName : invitation.partnerName;
}

for (const [id, deed] of Object.entries({ 'sign-in': signIn, accept })) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    void busily(() => deed(form));
  });
}
byId('sign-out').addEventListener('click', () => {
  forgetSignIn();
  notice = null;
  checks = [];
  show();
});
for (const button of document.querySelectorAll('[data-language]')) {
  button.addEventListener('click', () => {
    language = button.dataset.language;
    show();
  });
}
window.addEventListener('hashchange', () => location.reload());

void busily(async () => {});
