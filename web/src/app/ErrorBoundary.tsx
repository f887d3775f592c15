import { Component, type ReactNode } from "react";
import { PageError } from "./errors";

/** ErrorBoundary shows what broke instead of an empty page. Put one around each part that may fail alone (a panel). */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return <PageError error={this.state.error} reset={() => this.setState({ error: undefined })} />;
  }
}
