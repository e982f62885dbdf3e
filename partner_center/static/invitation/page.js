// Where the link of an invitation leads: what it is about, and, signed in, yes or no.
// The token stands behind the `#`, so that no server's log has it; it leaves only in the requests below.

const LANDING = `query Landing($token: String!) {
  memberInvitationByToken(token: $token) { partnerName partnerNameEn maskedEmail status expiresAt }
}`;
const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { session { accessToken } errors { code message } }
}`;
const WHO = 'query Who { viewer { displayName email } }';
const ACCEPT = `mutation Accept($input: MemberInvitationAcceptInput!) {
  memberInvitationAccept(input: $input) { memberInvitation { status } errors { code message } }
}`;
const REJECT = `mutation Reject($input: MemberInvitationRejectInput!) {
  memberInvitationReject(input: $input) { memberInvitation { status } errors { code message } }
}`;

const texts = {
  en: {
    title: (partner) => `${partner} invites you to become a member`,
    untitled: 'An invitation',
    partner: 'Invited by',
    account: 'Sent to the account of',
    status: 'Status',
    deadline: 'Answer before',
    statuses: {
      PENDING: 'waits for your answer',
      LINKED: 'accepted',
      REJECTED: 'rejected',
      REVOKED: 'taken back by the partner',
      EXPIRED: 'expired: seven days went by without an answer',
      UNLINKED: 'accepted; the link has ended since',
    },
    unknown: 'This link is not good: it was never sent, or a newer one was. Open the newest mail, or ask the partner to send the invitation again.',
    noToken: 'Open this page by the link in the mail: what stands behind its # is missing.',
    unreachable: 'The server could not be reached. Try again in a moment.',
    unexpected: 'Something went wrong. Try again in a moment.',
    signInWhy: 'Sign in with the account that was invited, to accept or to reject.',
    email: 'Mail address',
    password: 'Password',
    signIn: 'Sign in',
    signedInAs: 'Signed in as',
    signOut: 'Use another account',
    consent: (partner) => `I agree that my name, account, phone, e-mail and my learning, exam and certificate records are shared with ${partner}.`,
    accept: 'Accept',
    reason: 'Reason for rejecting (optional; the partner reads it)',
    reject: 'Reject',
    notYours: 'This invitation was sent to another account than the one you signed in with.',
    accepted: (partner) => `You are now a member of ${partner}.`,
    rejected: 'You have rejected the invitation.',
  },
  zh: {
    title: (partner) => `${partner} 邀请您成为其成员`,
    untitled: '成员邀请',
    partner: '邀请方',
    account: '受邀帐号',
    status: '状态',
    deadline: '请在此之前答复',
    statuses: {
      PENDING: '待关联',
      LINKED: '已关联',
      REJECTED: '已拒绝',
      REVOKED: '伙伴已撤回',
      EXPIRED: '已失效(7 天内未答复)',
      UNLINKED: '已解绑',
    },
    unknown: '链接无效:该链接不存在,或已有更新的邀请链接。请打开最新的邮件,或联系伙伴重新发送邀请。',
    noToken: '请通过邮件中的链接打开此页面:链接中 # 之后的内容缺失。',
    unreachable: '无法连接服务器,请稍后重试。',
    unexpected: '出现错误,请稍后重试。',
    signInWhy: '请使用受邀帐号登录,然后接受或拒绝邀请。',
    email: '邮箱',
    password: '密码',
    signIn: '登录',
    signedInAs: '当前登录:',
    signOut: '使用其他帐号',
    consent: (partner) => `我同意将我的姓名、帐号、手机、邮箱以及学习、考试和证书信息共享给${partner}。`,
    accept: '接受邀请',
    reason: '拒绝原因(选填,伙伴可见)',
    reject: '拒绝邀请',
    notYours: '该邀请发送给了其他帐号,并非您当前登录的帐号。',
    accepted: (partner) => `您已成为 ${partner} 的成员。`,
    rejected: '您已拒绝该邀请。',
  },
};

const byId = (id) => document.getElementById(id);
const token = location.hash.slice(1);

let language = /^zh/i.test(navigator.language) ? 'zh' : 'en';
let invitation = null; // what the link leads to; undefined when it leads nowhere
let accessToken = null; // kept nowhere else: it is gone with the page
let viewer = null;
let notice = null; // a function of the texts, so that it follows the language

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
  if (answer?.errors?.length) throw Object.assign(new Told(answer.errors[0].message), { code: answer.errors[0].code });
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
}

async function reject(form) {
  await ask(REJECT, { input: { token, reason: form.get('reason').trim() || null } });
  notice = (text) => text.rejected;
}

function forgetSignIn() {
  accessToken = viewer = null;
}

/** Do it with the buttons off; show what came of it, and how the invitation stands now. */
async function busily(deed) {
  setBusy(true);
  try {
    await deed();
  } catch (error) {
    tell(error);
  }
  const said = notice;
  await look().catch(tell);
  if (invitation && said) notice = said;
  setBusy(false);
  show();
}

function tell(error) {
  const sentence = error instanceof Told ? error.message : null;
  notice = (text) => (error.code === 'NOT_FOUND' ? text.notYours : sentence ?? text.unexpected);
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
  const isOpen = invitation?.status === 'PENDING';
  byId('sign-in').hidden = !isOpen || Boolean(viewer);
  byId('answer').hidden = !isOpen || !viewer;
  byId('viewer').textContent = viewer ? `${viewer.displayName} ${viewer.email ?? ''}` : '';
  byId('notice').hidden = !notice;
  byId('notice').textContent = notice ? notice(text) : '';
}

function showFacts(text) {
  const { partnerName: name, partnerNameEn, maskedEmail, status, expiresAt } = invitation;
  byId('partner').textContent = [...new Set([name, partnerNameEn].filter(Boolean))].join(' · ');
  byId('account').textContent = maskedEmail;
  byId('status').textContent = text.statuses[status] ?? status;
  byId('deadline').dateTime = expiresAt;
  byId('deadline').textContent = new Date(expiresAt).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'long',
  });
  byId('consent-text').textContent = text.consent(partnerName());
}

/** In the language of the page, where the partner has a name in it. */
function partnerName() {
  return language === 'en' ? invitation.partnerNameEn ?? invitation.partnerName : invitation.partnerName;
}

for (const [id, deed] of Object.entries({ 'sign-in': signIn, accept, reject })) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    void busily(() => deed(form));
  });
}
byId('sign-out').addEventListener('click', () => {
  forgetSignIn();
  notice = null;
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
