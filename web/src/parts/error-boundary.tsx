import { Component, type ComponentChildren } from 'preact';

/** If a view cannot be rendered, it shows an error, and the rest of the page stays usable. */
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
        <h1>This view could not be shown</h1>
        <p>{String(this.state.error)}</p>
        <p>
          Reload the page. If the error remains, the page and its data have different versions, or this is a
          bug: please report it with the address above.
        </p>
      </div>
    );
  }
}
