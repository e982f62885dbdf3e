// Where the link of an invitation leads: what it is about, and, signed in, yes or no.

import { ask, byId, page, partnerName, signIn, start, token, written } from '/static/landing.js';

const LANDING = `query Landing($token: String!) {
  memberInvitationByToken(token: $token) { partnerName partnerNameEn maskedEmail status expiresAt }
}`;
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
    signInWhy: 'Sign in with the account that was invited, to accept or to reject.',
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
    signInWhy: '请使用受邀帐号登录,然后接受或拒绝邀请。',
    consent: (partner) => `我同意将我的姓名、帐号、手机、邮箱以及学习、考试和证书信息共享给${partner}。`,
    accept: '接受邀请',
    reason: '拒绝原因(选填,伙伴可见)',
    reject: '拒绝邀请',
    notYours: '该邀请发送给了其他帐号,并非您当前登录的帐号。',
    accepted: (partner) => `您已成为 ${partner} 的成员。`,
    rejected: '您已拒绝该邀请。',
  },
};

async function accept(form) {
  const name = partnerName();
  await ask(ACCEPT, { input: { token, consent: form.get('consent') === 'on' } });
  page.notice = (text) => text.accepted(name);
}

async function reject(form) {
  await ask(REJECT, { input: { token, reason: form.get('reason').trim() || null } });
  page.notice = (text) => text.rejected;
}

function show(text) {
  byId('facts').hidden = !page.found;
  if (page.found) showFacts(text);
  const isOpen = page.found?.status === 'PENDING';
  byId('sign-in').hidden = !isOpen || Boolean(page.viewer);
  byId('answer').hidden = !isOpen || !page.viewer;
}

function showFacts(text) {
  const { partnerName: name, partnerNameEn, maskedEmail, status, expiresAt } = page.found;
  byId('partner').textContent = [...new Set([name, partnerNameEn].filter(Boolean))].join(' · ');
  byId('account').textContent = maskedEmail;
  byId('status').textContent = text.statuses[status] ?? status;
  byId('deadline').dateTime = expiresAt;
  byId('deadline').textContent = written(expiresAt);
  byId('consent-text').textContent = text.consent(partnerName());
}

start({
  texts,
  landing: LANDING,
  deeds: { 'sign-in': signIn, accept, reject },
  title: (text) => (page.found ? text.title(partnerName()) : text.untitled),
  show,
  explain: (text, { code }) => code === 'NOT_FOUND' && text.notYours,
});
