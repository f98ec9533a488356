/** Which of several answers counts: the one to the last question about the same thing. */

export class Turns {
  private readonly last = new Map<string, number>();

  /** Begin to ask about something; the function that is returned tells whether nobody asked about it since. */
  begin(about: string): () => boolean {
    const turn = (this.last.get(about) ?? 0) + 1;
    this.last.set(about, turn);
    return () => turn === this.last.get(about);
  }
}
