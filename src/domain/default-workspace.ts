/** Every database has it, with this id: what nobody gave a workspace is here. */
export const DEFAULT_WORKSPACE = { id: 'wrkspc_000000000000000000000000', name: 'default' }
