/** What comes on a connection can be no reply; the connection is given up. */
export class BrokenReply extends Error {
  override readonly name = 'BrokenReply';
  /** The class of trouble it is reported under. */
  readonly troubleClass: string;

  constructor(troubleClass: string, message: string) {
    super(message);
    this.troubleClass = troubleClass;
  }
}
