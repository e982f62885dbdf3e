import { useEffect, useState, type FormEvent } from 'react';
import { setLanguage, texts, useLanguage } from './language';
import { signIn, signOut, useSession } from './session';

interface DemoAccount {
  label: string;
  email: string;
  password: string;
}

/** The strip above the editor: who is asking, and in which language. */
export function Bar() {
  const session = useSession();
  return (
    <header className="bar">
      <strong className="bar-name">Partner Center</strong>
      {session.notice && <span className="bar-notice" role="alert">{session.notice}</span>}
      <span className="bar-space" />
      {session.tokens ? <SignedIn /> : <SignInForm />}
      <LanguageToggle />
    </header>
  );
}

function SignedIn() {
  const { viewer } = useSession();
  useLanguage();
  return (
    <div className="bar-group">
      <span className="bar-viewer">{viewer ? viewer.displayName : texts().signedIn}</span>
      {viewer && <span className="bar-kind">{viewer.kind}</span>}
      <button type="button" onClick={() => signOut()}>{texts().signOut}</button>
    </div>
  );
}

function SignInForm() {
  const { busy } = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const accounts = useDemoAccounts();
  useLanguage();
  const text = texts();

  function submit(event: FormEvent) {
    event.preventDefault();
    void signIn(email, password);
  }

  function choose(account: DemoAccount) {
    setEmail(account.email);
    setPassword(account.password);
    void signIn(account.email, account.password);
  }

  return (
    <form className="bar-group" onSubmit={submit}>
      {accounts.length > 0 && (
        <select
          aria-label={text.demo}
          value={accounts.findIndex((account) => account.email === email && account.password === password)}
          disabled={busy}
          onChange={(event) => choose(accounts[Number(event.target.value)]!)}
        >
          <option value={-1} disabled>{text.demo}</option>
          {accounts.map((account, index) => <option key={account.email} value={index}>{account.label}</option>)}
        </select>
      )}
      <input
        type="email" name="email" required autoComplete="username" placeholder={text.email} aria-label={text.email}
        value={email} onChange={(event) => setEmail(event.target.value)}
      />
      <input
        type="password" name="password" required autoComplete="current-password"
        placeholder={text.password} aria-label={text.password}
        value={password} onChange={(event) => setPassword(event.target.value)}
      />
      <button type="submit" className="bar-primary" disabled={busy}>{busy ? text.signingIn : text.signIn}</button>
    </form>
  );
}

function LanguageToggle() {
  const current = useLanguage();
  return (
    <div className="bar-toggle" role="group" aria-label="Accept-Language">
      <button type="button" lang="zh" aria-pressed={current === 'zh'} onClick={() => setLanguage('zh')}>中文</button>
      <button type="button" lang="en" aria-pressed={current === 'en'} onClick={() => setLanguage('en')}>EN</button>
    </div>
  );
}

/** A server in demo mode names its accounts; any other answers 404. */
function useDemoAccounts(): DemoAccount[] {
  const [accounts, setAccounts] = useState<DemoAccount[]>([]);
  useEffect(() => {
    fetch('/demo/accounts', { headers: { Accept: 'application/json' } })
      .then((response) => (response.ok ? response.json() : []))
      .then((found: unknown) => Array.isArray(found) && setAccounts(found))
      .catch(() => {});
  }, []);
  return accounts;
}
