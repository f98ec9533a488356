/** The projects of the server, asked for once until they change. No DOM. */

import type { Rest } from '../rest';
import type { Project } from '../tokens';

export class KnownProjects {
  private asked: Promise<Project[]> | null = null;

  constructor(private readonly rest: Pick<Rest, 'projects'>) {}

  /** All of them; where the server did not answer, the next one who asks asks it again. */
  async all(): Promise<Project[]> {
    const asked = (this.asked ??= this.rest.projects());
    try {
      return await asked;
    } catch (error) {
      this.asked = this.asked === asked ? null : this.asked;
      throw error;
    }
  }

  /** They have changed. */
  forget(): void {
    this.asked = null;
  }
}
