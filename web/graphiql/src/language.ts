import { useSyncExternalStore } from 'react';

export type Language = 'zh' | 'en';

const KEY = 'partner-center:language';
const listeners = new Set<() => void>();
let current: Language = chosen() ?? (navigator.language.startsWith('zh') ? 'zh' : 'en');
document.documentElement.lang = current;

export const language = (): Language => current;

export function setLanguage(next: Language): void {
  current = next;
  localStorage.setItem(KEY, next);
  document.documentElement.lang = next;
  listeners.forEach((tell) => tell());
}

export function useLanguage(): Language {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, language);
}

function chosen(): Language | null {
  const stored = localStorage.getItem(KEY);
  return stored === 'zh' || stored === 'en' ? stored : null;
}

const en = {
  email: 'E-mail',
  password: 'Password',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
  signOut: 'Sign out',
  demo: 'Demo accounts…',
  signedIn: 'Signed in',
  ended: 'The session has ended. Please sign in again.',
  unreachable: 'The server cannot be reached.',
  unexpected: 'The server gave an unexpected answer',
};

const zh: typeof en = {
  email: '邮箱',
  password: '密码',
  signIn: '登录',
  signingIn: '登录中…',
  signOut: '退出登录',
  demo: '演示账号…',
  signedIn: '已登录',
  ended: '会话已结束，请重新登录。',
  unreachable: '无法连接服务器。',
  unexpected: '服务器返回了意外的响应',
};

export const texts = (): typeof en => (current === 'zh' ? zh : en);
