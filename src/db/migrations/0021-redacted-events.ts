/** An event that was put in can lose what a later one of its session showed to be secret, and nothing else of it ever changes. */
export const redactedEvents = `
ALTER TABLE recorded_event ADD COLUMN redacted_at TEXT;
DROP TRIGGER recorded_event_is_never_edited;
CREATE TRIGGER recorded_event_is_never_edited BEFORE UPDATE OF seq, recording_id, id, type, thread_id, content, redacted_at ON recorded_event
WHEN NOT (new.redacted_at IS NOT NULL AND instr(new.content, '[redacted:') > 0
  AND new.seq = old.seq AND new.recording_id = old.recording_id AND new.id = old.id AND new.type = old.type
  AND new.thread_id IS old.thread_id)
BEGIN SELECT raise(ABORT, 'an event is never edited'); END;
`
