/**
 * Patterns are watched from night to night. Of those found before, later sessions can say that they stopped holding, but
 * not confirm them; how often they used to hold is set low, so that none of them is called stale too soon.
 */
export const watchedPatterns = `
UPDATE pattern SET content = json_set(
  content,
  '$.e', NULL,
  '$.watch', json_object(
    'expectation', json_object(
      'of_those', iif(channel = 'call' AND json_extract(content, '$.trait') LIKE 'after %', 'without', 'with'),
      'bad', json(iif(class = 'success' OR channel = 'repair' AND json_extract(content, '$.trait') <> 'met', 'false', 'true'))
    ),
    'epoch', 0,
    'confirmation', NULL,
    'usual_rate', 0.3,
    'detector', 0,
    'since', NULL
  )
)
WHERE json_extract(content, '$.watch') IS NULL;
`
