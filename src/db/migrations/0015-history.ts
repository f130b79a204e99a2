/** What became of a version, and who acted, is asked for by the version. */
export const history = `
CREATE INDEX change_of_version ON change (memory_version_id) WHERE memory_version_id IS NOT NULL;
CREATE INDEX audit_by_object ON audit (object);
`
