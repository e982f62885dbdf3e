// Where the private link of an offer leads: its goods and its discount, for the customer alone.

import { ask, byId, page, signIn, start, token, written } from '/static/landing.js';

const OPEN = `mutation Open($input: PrivateLinkOpenInput!) {
  privateLinkOpen(input: $input) {
    exclusiveOffer {
      name number partnerName discountRatio expiresAt
      lines { quantity sku { id } goods { number name summary skus { id code name price { listPrice { amount currency } } } } }
    }
    errors { code message }
  }
}`;

const texts = {
  en: {
    untitled: 'An offer for you',
    partner: 'Granted by',
    discount: 'You pay',
    ofList: (percent) => `${percent} of the list price`,
    until: 'In force until',
    listPrice: 'list price',
    quantity: (number) => `× ${number}`,
    noToken: 'Open this page by the link that you were given: what stands behind its # is missing.',
    unknown: 'This link shows nothing to this account: it is for another customer, or the offer is not in force.',
    signInWhy: 'Sign in with the customer account that the offer was made for.',
  },
  zh: {
    untitled: '专属优惠',
    partner: '授予方',
    discount: '优惠',
    ofList: (percent) => `目录价的 ${percent}`,
    until: '失效时间',
    listPrice: '目录价',
    quantity: (number) => `× ${number}`,
    noToken: '请通过收到的链接打开此页面:链接中 # 之后的内容缺失。',
    unknown: '当前帐号无法查看该链接:该优惠授予其他客户,或不在生效期内。',
    signInWhy: '请使用被授予优惠的客户帐号登录。',
  },
};

async function open(form) {
  page.found = null;
  await signIn(form);
  page.found = (await ask(OPEN, { input: { token } })).exclusiveOffer;
}

/** The offer, for as long as its customer is signed in. */
const shown = () => (page.viewer ? page.found : null);

function show(text) {
  const offer = shown();
  byId('facts').hidden = byId('goods').hidden = !offer;
  if (offer) showOffer(offer, text);
  byId('sign-in').hidden = !token || Boolean(page.viewer);
  byId('session').hidden = !page.viewer;
}

function showOffer(offer, text) {
  byId('partner').textContent = offer.partnerName;
  byId('discount').textContent = text.ofList(`${Number((Number(offer.discountRatio) * 100).toFixed(2))} %`);
  byId('until').dateTime = offer.expiresAt;
  byId('until').textContent = written(offer.expiresAt);
  byId('goods').replaceChildren(...offer.lines.filter((line) => line.goods).map((line) => article(line, text)));
}

function article({ goods, sku, quantity }, text) {
  const skus = goods.skus.filter((each) => !sku || each.id === sku.id);
  const list = element('ul', '', ...skus.map(({ name, code, price }) => {
    const { amount, currency } = price?.listPrice ?? { amount: '—', currency: '' };
    const many = quantity ? ` ${text.quantity(quantity)}` : '';
    return element('li', `${name} (${code})${many}: ${text.listPrice} ${amount} ${currency}`);
  }));
  return element('article', '', element('h2', `${goods.name} (${goods.number})`), element('p', goods.summary ?? ''), list);
}

function element(name, content, ...children) {
  const made = document.createElement(name);
  made.textContent = content;
  made.append(...children);
  return made;
}

start({
  texts,
  deeds: { 'sign-in': open },
  title: (text) => (shown() ? `${shown().name} (${shown().number})` : text.untitled),
  show,
  explain: (text, { code }) => code === 'NOT_FOUND' && text.unknown,
});
