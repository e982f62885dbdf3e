import './monaco';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import 'graphiql/graphiql.css';
import './style.css';
import { GraphiQL } from 'graphiql';
import { useEffect, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { Bar } from './bar';
import { examples, updateTabs } from './examples';
import { closeSubscriptions, createFetcher } from './fetcher';
import { resume, useSession } from './session';
import { storage } from './storage';

const active = updateTabs();
void resume();

function Page() {
  const { tokens } = useSession();
  const signedIn = tokens !== null;
  // A new fetcher makes GraphiQL read the schema again, of which a stranger may not see everything.
  const fetcher = useMemo(createFetcher, [signedIn]);
  useEffect(() => closeSubscriptions, [signedIn]);
  return (
    <>
      <Bar />
      <main>
        <GraphiQL
          fetcher={fetcher}
          storage={storage}
          defaultTabs={examples}
          {...active}
          defaultEditorToolsVisibility
          inputValueDeprecation
          schemaDescription
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo>GraphiQL</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}

createRoot(document.getElementById('root')!).render(<Page />);
