// Where the private link of an offer leads: its goods and its discount, for the customer alone.
// The token stands behind the `#`, so that no server's log has it; it leaves only in the request below.

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { session { accessToken } errors { code message } }
}`;
const WHO = 'query Who { viewer { displayName email } }';
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
    unreachable: 'The server could not be reached. Try again in a moment.',
    unexpected: 'Something went wrong. Try again in a moment.',
    signInWhy: 'Sign in with the customer account that the offer was made for.',
    email: 'Mail address',
    password: 'Password',
    signIn: 'Sign in',
    signedInAs: 'Signed in as',
    signOut: 'Use another account',
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
    unreachable: '无法连接服务器,请稍后重试。',
    unexpected: '出现错误,请稍后重试。',
    signInWhy: '请使用被授予优惠的客户帐号登录。',
    email: '邮箱',
    password: '密码',
    signIn: '登录',
    signedInAs: '当前登录:',
    signOut: '使用其他帐号',
  },
};

const byId = (id) => document.getElementById(id);
const token = location.hash.slice(1);

let language = /^zh/i.test(navigator.language) ? 'zh' : 'en';
let accessToken = null; // kept nowhere else: it is gone with the page
let viewer = null;
let offer = null;
let notice = token ? null : (text) => text.noToken; // a function of the texts: it follows the language

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

async function signIn(form) {
  const input = { email: form.get('email'), password: form.get('password') };
  accessToken = (await ask(SIGN_IN, { input })).session.accessToken;
  viewer = await ask(WHO, {});
  notice = null;
  offer = (await ask(OPEN, { input: { token } })).exclusiveOffer;
}

function forgetSignIn() {
  accessToken = viewer = offer = null;
}

/** Do it with the buttons off, and show what came of it. */
async function busily(deed) {
  setBusy(true);
  try {
    await deed();
  } catch (error) {
    const sentence = error instanceof Told ? error.message : null;
    notice = (text) => (error.code === 'NOT_FOUND' ? text.unknown : sentence ?? text.unexpected);
  }
  setBusy(false);
  show();
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
  byId('title').textContent = document.title = offer ? `${offer.name} (${offer.number})` : text.untitled;
  byId('facts').hidden = byId('goods').hidden = !offer;
  if (offer) showOffer(text);
  byId('sign-in').hidden = !token || Boolean(viewer);
  byId('session').hidden = !viewer;
  byId('viewer').textContent = viewer ? `${viewer.displayName} ${viewer.email ?? ''}` : '';
  byId('notice').hidden = !notice;
  byId('notice').textContent = notice ? notice(text) : '';
}

function showOffer(text) {
  byId('partner').textContent = offer.partnerName;
  byId('discount').textContent = text.ofList(`${Number((Number(offer.discountRatio) * 100).toFixed(2))} %`);
  byId('until').dateTime = offer.expiresAt;
  byId('until').textContent = new Date(offer.expiresAt).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'long',
  });
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

byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  void busily(() => signIn(form));
});
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

show();
