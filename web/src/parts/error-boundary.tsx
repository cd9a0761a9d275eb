import { Component, type ComponentChildren } from 'preact';

/** A view that cannot be drawn says so, and the rest of the page stays usable. */
export class ErrorBoundary extends Component<
  { readonly children: ComponentChildren },
  { readonly error: unknown }
> {
  override state = { error: undefined };

  static override getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return (
      <div class="message" role="alert">
        <h1>This view could not be drawn</h1>
        <p>{String(this.state.error)}</p>
        <p>
          Load the page again. If it stays, the page and its data are of different versions, or this is a
          defect worth reporting with the address above.
        </p>
      </div>
    );
  }
}
