/** An audit record says which policy was in force. */
export const auditPolicy = `
ALTER TABLE audit ADD COLUMN policy_sha256 TEXT;
`
