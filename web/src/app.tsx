import { useEffect, useRef } from 'preact/hooks';
import { ErrorBoundary } from './parts/error-boundary.tsx';
import { Footer } from './parts/footer.tsx';
import { Header } from './parts/header.tsx';
import { QuestionBar } from './parts/question-bar.tsx';
import { Failed, Loading, Notice } from './parts/states.tsx';
import { askedIn } from './state/question-parts.ts';
import type { Route } from './state/route.ts';
import { useRoute } from './state/use-route.ts';
import { titles } from './views/titles.ts';
import { useView } from './views/use-view.ts';

export function App() {
  const route = useRoute();
  const main = useRef<HTMLElement>(null);
  const title = titles[route.view];
  const asked = route.view === 'unknown' ? undefined : askedIn[route.view];
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${title} · InferenceMAX`;
    // Moves the focus of screen readers and keyboard users, as loading a page would.
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [route.view, route.id]);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it goes to the content; but an address names a view, so it must stay. */}
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Header route={route} />
      {asked !== undefined && <QuestionBar route={route} asked={asked} />}
      <main ref={main} id="content" tabIndex={-1} data-view={route.view}>
        <ErrorBoundary key={`${route.view} ${route.id}`}>
          <View route={route} />
        </ErrorBoundary>
      </main>
      <Footer />
    </>
  );
}

function View({ route }: { readonly route: Route }) {
  const loaded = useView(route.view);
  if (route.view === 'unknown') {
    return (
      <Notice title="Page not found" isPage>
        <p>
          The address names a view that does not exist. <a href="#/">Go to the overview</a>.
        </p>
      </Notice>
    );
  }
  if (loaded.state === 'failed') return <Failed error={loaded.error} retry={loaded.retry} />;
  if (loaded.state === 'loading') return <Loading height={600} />;
  const Shown = loaded.value;
  return <Shown route={route} />;
}
