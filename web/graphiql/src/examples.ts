const queries = files(import.meta.glob<string>('./examples/*.graphql', { query: '?raw', import: 'default', eager: true }));
const variables = files(import.meta.glob<string>('./examples/*.json', { query: '?raw', import: 'default', eager: true }));

export interface Example {
  query: string;
  variables: string | null;
}

interface StoredTab {
  query: string | null;
  variables: string | null;
  [other: string]: unknown;
}

const KNOWN = 'partner-center:examples';
const TABS = 'graphiql:tabState';

/** The tabs of a first visit: one for each file in `examples/`, in the order of their names. */
export const examples: Example[] = Object.keys(queries).sort().map(example);

/**
 * GraphiQL remembers its tabs, so a returning browser would never see an example that a later
 * release brought: new ones are added, and changed ones replace their old text where it was not edited.
 * Answers with what the active tab holds.
 */
export function updateTabs(): { initialQuery?: string; initialVariables?: string } {
  const known = parsed<Record<string, string>>(KNOWN) ?? {};
  localStorage.setItem(KNOWN, JSON.stringify(queries));
  const state = parsed<{ tabs: StoredTab[]; activeTabIndex: number }>(TABS);
  if (!Array.isArray(state?.tabs)) return shown(examples[0]);

  for (const name of Object.keys(queries).sort()) {
    if (known[name] === queries[name]) continue;
    const fresh = example(name);
    const untouched = state.tabs.find((tab) => tab.query === known[name]);
    if (untouched) {
      Object.assign(untouched, fresh, title(fresh.query));
    } else if (!state.tabs.some((tab) => tab.query === fresh.query)) {
      state.tabs.push({ id: `example-${name}-${Date.now()}`, headers: null, response: null, ...fresh, ...title(fresh.query) });
    }
  }
  localStorage.setItem(TABS, JSON.stringify(state));
  return shown(state.tabs[state.activeTabIndex]);
}

/** Never left out: GraphiQL would fall back on what it noted at another moment, and open one tab more for it. */
function shown(tab: Pick<StoredTab, 'query' | 'variables'> | undefined) {
  return tab ? { initialQuery: tab.query ?? '', initialVariables: tab.variables ?? '' } : {};
}

function example(name: string): Example {
  return { query: queries[name]!, variables: variables[name] ?? null };
}

function title(query: string) {
  const operationName = /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? null;
  return { operationName, title: operationName ?? '<untitled>' };
}

function files(found: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(found).map(([path, text]) => [path.replace(/^.*\/|\.\w+$/g, ''), text.trimEnd()]));
}

function parsed<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as T | null;
  } catch {
    return null;
  }
}
