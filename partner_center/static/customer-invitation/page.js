// Where the link or QR code of a customer's invitation leads: what it is about, and, signed in, yes.

import { ask, byId, page, partnerName, signIn, start, token, written } from '/static/landing.js';

const LANDING = `query Landing($token: String!) {
  customerInvitationByToken(token: $token) {
    partnerName partnerNameEn associationType maskedEmail status expiresAt
  }
}`;
const ACCEPT = `mutation Accept($input: CustomerInvitationAcceptInput!) {
  customerInvitationAccept(input: $input) {
    association { status }
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
    signInWhy: 'Sign in as a user of your company, to accept for it.',
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
    signInWhy: '请以贵司用户身份登录,代表贵司接受邀请。',
    consent: (partner) => `我代表贵司同意 ${partner} 查看贵司的帐号、订单和消费信息。`,
    accept: '接受邀请',
    accepted: (partner) => `贵司已成为 ${partner} 的客户。`,
    checked: '暂无法关联:',
  },
};

let isAnswered = false; // there is nothing left to answer, though a link goes on for others

async function accept(form) {
  const name = partnerName();
  await ask(ACCEPT, { input: { token, consent: form.get('consent') === 'on' } });
  page.notice = (text) => text.accepted(name);
  page.viewer = null;
  isAnswered = true;
}

function show(text) {
  byId('facts').hidden = !page.found;
  if (page.found) showFacts(text);
  const isOpen = ['SENT', 'FAILED'].includes(page.found?.status) && !isAnswered;
  byId('sign-in').hidden = !isOpen || Boolean(page.viewer);
  byId('answer').hidden = !isOpen || !page.viewer;
  const checks = page.refusal?.checks ?? []; // what is in the way, in the language in which it was told
  byId('checks').hidden = !checks.length;
  byId('checks').replaceChildren(...checks.map(({ message }) => Object.assign(document.createElement('li'), { textContent: message })));
}

function showFacts(text) {
  const { partnerName: name, partnerNameEn, associationType, maskedEmail, status, expiresAt } = page.found;
  byId('partner').textContent = [...new Set([name, partnerNameEn].filter(Boolean))].join(' · ');
  byId('type').textContent = text.types[associationType] ?? associationType;
  byId('account').textContent = maskedEmail ?? '–';
  byId('status').textContent = text.statuses[status] ?? status;
  byId('deadline').textContent = expiresAt ? written(expiresAt) : '–';
  if (expiresAt) byId('deadline').dateTime = expiresAt;
  byId('consent-text').textContent = text.consent(partnerName());
}

start({
  texts,
  landing: LANDING,
  deeds: { 'sign-in': signIn, accept },
  title: (text) => (page.found ? text.title(partnerName()) : text.untitled),
  show,
  explain: (text, { checks }) => checks?.length && text.checked,
});
