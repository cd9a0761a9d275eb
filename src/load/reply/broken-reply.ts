/** The bytes on a connection cannot be a reply; the connection is closed. */
export class BrokenReply extends Error {
  override readonly name = 'BrokenReply';
  /** The class of trouble that is reported. */
  readonly troubleClass: string;

  constructor(troubleClass: string, message: string) {
    super(message);
    this.troubleClass = troubleClass;
  }
}
