/** A view that fails leaves the frame standing, and says what to do. */
import { Component, type ReactNode } from 'react';
import { Failed } from './states.tsx';

interface Props {
  /** Another place is another try. */
  readonly place: string;
  readonly children: ReactNode;
}

export class Boundary extends Component<Props, { readonly error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidUpdate(before: Props): void {
    if (before.place !== this.props.place && this.state.error) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error ? <Failed error={error} again={() => location.reload()} /> : this.props.children;
  }
}
