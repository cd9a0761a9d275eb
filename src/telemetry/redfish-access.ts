/** The management controllers of an engine's nodes, which speak Redfish. */
export interface RedfishAccess {
  /** The root of each controller, such as `https://bmc-node-a`, without credentials; node 0 first. */
  readonly urls: readonly string[];
  /** They are in no message and no result; `unset` is the variable that should have one of them. */
  readonly credentials: { readonly user: string; readonly password: string } | { readonly unset: string };
  /** The id of the chassis to read; absent if only one reports power. */
  readonly chassis?: string;
}
