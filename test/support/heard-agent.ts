import { Subject } from 'rxjs';
import type { AgentEvent, Attempt, AttemptSpec } from '../../src/sdk/session/agent.ts';
import { PuppetAgent } from './puppet-agent.ts';

/** A puppet that says when it has been started. */
export class HeardAgent extends PuppetAgent {
  readonly starts = new Subject<AttemptSpec>();

  override start(spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt {
    const attempt = super.start(spec, sink);
    this.starts.next(spec);
    return attempt;
  }
}
