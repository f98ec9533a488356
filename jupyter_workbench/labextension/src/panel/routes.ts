/** What the panel asks of the server. */

import type { Rest } from '../rest';
import type {
  Check,
  Draft,
  Environment,
  EnvironmentState,
  KernelUsage,
  Mistakes,
  Preparation,
  Project,
  Pruned,
  StoppedTarget,
  Target,
  TargetDetails
} from '../tokens';

export class PanelRoutes {
  constructor(private readonly rest: Rest) {}

  projects(): Promise<Project[]> {
    return this.rest.projects();
  }

  targets(project_dir: string): Promise<Target[]> {
    return this.rest.ask('GET', ['targets'], { query: { project_dir } });
  }

  environments(project_dir: string): Promise<Environment[]> {
    return this.rest.ask('GET', ['environments'], { query: { project_dir } });
  }

  environmentStates(project_dir: string): Promise<EnvironmentState[]> {
    return this.rest.ask('GET', ['environments', 'states'], { query: { project_dir } });
  }

  usage(): Promise<KernelUsage[]> {
    return this.rest.ask('GET', ['kernels']);
  }

  prepare(project_dir: string, run_configuration: string): Promise<Preparation> {
    return this.rest.ask('POST', ['preparations'], { body: { project_dir, run_configuration } });
  }

  test(project_dir: string, name: string): Promise<Check[]> {
    return this.rest.ask('POST', ['targets', 'test'], { body: { project_dir, name } });
  }

  details(project_dir: string, name: string): Promise<TargetDetails> {
    return this.rest.ask('GET', ['targets', 'details'], { query: { project_dir, name } });
  }

  /** What is wrong with a compute target that is being filled in. */
  async mistakes(project_dir: string, draft: Draft): Promise<Mistakes> {
    const body = { project_dir, ...draft };
    return (await this.rest.ask<{ mistakes: Mistakes }>('POST', ['targets', 'validate'], { body })).mistakes;
  }

  /** Returns the files that were written. */
  async attach(project_dir: string, draft: Draft): Promise<string[]> {
    return (await this.rest.ask<{ files: string[] }>('POST', ['targets'], { body: { project_dir, ...draft } })).files;
  }

  /** Returns a sentence for each file that was removed. */
  async detach(project_dir: string, name: string): Promise<string[]> {
    return (await this.rest.ask<{ done: string[] }>('POST', ['targets', 'detach'], { body: { project_dir, name } })).done;
  }

  /** Returns what is being prepared now. */
  async start(project_dir: string, name: string): Promise<Preparation[]> {
    const body = { project_dir, name };
    return (await this.rest.ask<{ preparations: Preparation[] }>('POST', ['targets', 'start'], { body })).preparations;
  }

  stop(project_dir: string, name: string): Promise<StoppedTarget> {
    return this.rest.ask('POST', ['targets', 'stop'], { body: { project_dir, name } });
  }

  prune(): Promise<Pruned> {
    return this.rest.ask('POST', ['environments', 'prune'], { body: {} });
  }
}
