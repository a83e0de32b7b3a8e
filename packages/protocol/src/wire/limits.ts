/** Every bound of the protocol in one table (spec/02-bytes.md#limits). Each has a case at the bound and one past it. */
export const limits = {
  /** One statement, compact JWS, without disclosures. */
  statementBytesMax: 262_144,
  /** The genesis statement: 200 members with post-quantum keys of their own and of a person each make 3,120,000. */
  genesisBytesMax: 4_194_304,
  /** One tear line, encoded. 64 KiB of content plus salt and binding. */
  disclosureBytesMax: 98_304,
  /** Tear lines in one statement. */
  slotsMax: 16,
  /** Slices of one statement: one for each member of the largest coalition. */
  slicesMax: 200,
  /** Nesting of arrays and objects in signed JSON. */
  depthMax: 32,
  /** Code points of one shown text. */
  textMax: 65_536,
  /** Code points of one line of shown text: titles, names, references. */
  lineMax: 512,
  /** References of one statement. */
  refsMax: 256,
  /** Members of one coalition. */
  coalitionMembersMax: 200,
  /** Keys of one member. */
  keysPerMemberMax: 16,
  /** Kinds that one mandate names. */
  mandateKindsMax: 64,
  /** Bodies of one member, its constituents, and the communities of one charter. */
  namedReadersMax: 64,
  /** Claims of one call-out's text: with the nodes of a condition it bounds the work of the largest set. */
  calloutClaimsMax: 16,
  /** Nodes and nesting of one join condition. */
  conditionNodesMax: 64,
  conditionDepthMax: 4,
  /** Copies of earlier statements beside one statement: a release with every join, its text and its proposal. */
  enclosedMax: 208,
  /** Recipients of one sealed container. */
  recipientsMax: 256,
  /** One sealed container, as JSON. */
  sealBytesMax: 2_097_152,
  /** Signature lines in one note, two of each of 16 signers; a longer note is refused before any is checked. */
  noteSignaturesMax: 32,
  /** ML-DSA-44 keys of one charter's policy: 16 of these signatures, and 16 of Ed25519, fit a note. */
  postQuantumKeysMax: 16,
  noteBytesMax: 65_536,
  /** Hashes in one inclusion or consistency proof. */
  proofHashesMax: 63,
  /** Entry bytes in an entry bundle: the length prefix is 16 bits wide. */
  entryBytesMax: 65_535,
  /** Largest log size: integers on the wire are exact in every JSON reader. */
  logSizeMax: Number.MAX_SAFE_INTEGER,
} as const
