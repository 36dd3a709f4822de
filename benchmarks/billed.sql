-- Paid requests of 90 days, four times bench.runs, as the program leaves them. `someone` has been
-- filled: who could have asked. What is rare in a real bill is rare here, too: a filter has to find it.

CREATE FUNCTION pg_temp.id_at(at timestamptz, salt text) RETURNS uuid AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0')
          || substr(md5(salt), 1, 20))::uuid
$$ LANGUAGE sql IMMUTABLE;

SELECT setseed(0.5);

-- Four paid requests to a run. Small numbers of `someone` are the busy people.
CREATE TEMP TABLE asked AS
SELECT r, since, number, s.*,
       pg_temp.id_at(since, 'run' || r) AS run_id,
       pg_temp.id_at(since, 'step run' || r) AS step_run_id
FROM (
  SELECT r, row_number() OVER (PARTITION BY workflow ORDER BY r) AS number, who, since
  FROM (
    SELECT r, who, who / 8 AS workflow, now() - (1 - r / runs::float) * interval '89 days' AS since
    FROM (
      SELECT r, runs, floor(96 * power(random(), 2))::int AS who
      FROM (SELECT current_setting('bench.runs')::int AS runs) wanted, generate_series(1, runs) r
    ) each
  ) dated
) numbered JOIN someone s USING (who);

CREATE TEMP TABLE paid AS
SELECT *,
  amount + 20000 AS hold,
  n > 4 * current_setting('bench.runs')::int - 100000 AS is_new,
  pg_temp.id_at(at, 'part' || n) AS part_id,
  pg_temp.id_at(at, 'attempt' || n) AS attempt_id,
  pg_temp.id_at(at, 'hold' || n) AS hold_id,
  pg_temp.id_at(at, 'end' || n) AS end_id,
  CASE WHEN simulated THEN 'sandbox' WHEN charge_type = 'hosted' THEN 'hosted …KEY1'
       ELSE 'personal …' || right('000' || who, 4) END AS key_label,
  CASE WHEN state = 'settled' THEN images ELSE 0 END AS came,
  CASE WHEN state = 'settled' AND charge_type = 'hosted' THEN amount ELSE 0 END AS charged,
  CASE WHEN state IN ('settled', 'billed_empty') AND charge_type = 'hosted' THEN amount ELSE 0 END
    AS cost,
  CASE WHEN state IN ('settled', 'billed_empty') AND charge_type = 'personal' THEN amount ELSE 0 END
    AS list
FROM (
  SELECT *,
    CASE WHEN model LIKE 'gpt%' THEN 'openai' WHEN model LIKE 'grok%' THEN 'xai' ELSE 'gemini' END
      AS provider,
    CASE WHEN b < 0.0005 AND model NOT LIKE 'gemini%' THEN 'personal' ELSE 'hosted' END
      AS charge_type,
    CASE WHEN model LIKE 'gpt%' THEN 42000 WHEN model LIKE 'grok%' THEN 20000 ELSE 39000 END * images
      AS amount
  FROM (
    SELECT a.*, 4 * (r - 1) + k AS n, k, since + k * interval '1 second' AS at,
      CASE WHEN m < 0.6 THEN 'gpt-image-2' WHEN m < 0.9 THEN 'grok-imagine-image'
           WHEN m < 0.9995 THEN 'grok-imagine-image-quality' ELSE 'gemini-2.5-flash-image' END
        AS model,
      CASE WHEN o < 0.95 THEN 'settled' WHEN o < 0.98 THEN 'rejected' WHEN o < 0.99 THEN 'unknown'
           WHEN o < 0.9995 THEN 'billed_empty' ELSE 'cancelled' END AS state,
      1 + floor(4 * i)::int AS images, b, s < 0.0002 AS simulated
    FROM asked a, generate_series(1, 4) k,
      LATERAL (SELECT random() AS m, random() AS o, random() AS i, random() AS b, random() AS s
               WHERE r + k > 0) dice
  ) diced
) priced;

INSERT INTO workflows_run (id, number, status, snapshot, form_key, version, created_at, started_at,
  finished_at, started_by_id, step_id, workflow_id, workspace_id, request_digest)
SELECT run_id, number, 'succeeded', '{}', 'billed-' || r, 1, since, since, since, user_id, step_id,
  workflow_id, workspace_id, ''
FROM asked ORDER BY r;

INSERT INTO workflows_steprun (id, identifier, position, name, kind, failure_policy, status,
  settings, filled, output, warnings, started_at, finished_at, run_id, step_id, workspace_id,
  run_number)
SELECT step_run_id, 'step_1', 1, 'Hero image', 'image_generation', 'terminate', 'succeeded', '{}',
  '{}', '{}', '[]', since, since, run_id, step_id, workspace_id, number
FROM asked ORDER BY r;

INSERT INTO imagegen_part (id, number, operation, provider, model, charge_type, simulated,
  first_slot, slots, request, hold_micro, reserved_bytes, state, node, lease_owner, lease_epoch,
  claims, fault, detail, created_at, finished_at, step_run_id, workspace_id, at_once,
  estimate_micro, account, save_tries)
SELECT part_id, k, 'generate', provider, model, charge_type, simulated, 4 * k, images,
  '{"prompt": "A product photo"}', CASE charge_type WHEN 'hosted' THEN hold ELSE 0 END, 4000000,
  state, 'bench', '', 1, 0, CASE state WHEN 'settled' THEN '' ELSE 'MODERATION' END, '', at, at,
  step_run_id, workspace_id, 4, amount, '', 0
FROM paid ORDER BY n;

INSERT INTO imagegen_attempt (id, number, state, simulated, sent, returned, usage, status_code,
  request_id, spool_sha256, fault, said, started_at, received_at, finished_at, workspace_id,
  part_id, key_label)
SELECT attempt_id, 1, state, simulated, '{"prompt": "A product photo"}', '{}', NULL, 200,
  'req_' || n, '', '', '', at, at, at, workspace_id, part_id, key_label
FROM paid WHERE state <> 'cancelled' ORDER BY n;

INSERT INTO imagegen_charge (id, charge_type, provider, model, amount_micro, list_micro, lines,
  flags, prices_from, simulated, created_at, attempt_id, workspace_id, part_id, our_lines)
SELECT pg_temp.id_at(at, 'charge' || n), charge_type, provider, model, charged, amount,
  jsonb_build_array(jsonb_build_object('what', 'images', 'units', images, 'rate', amount / images,
    'unit', 'image', 'amount_pico', amount::bigint * 1000000)),
  '[]', '2026-03-02', simulated, at, attempt_id, workspace_id, part_id, '[]'
FROM paid WHERE state = 'settled' ORDER BY n;

INSERT INTO imagegen_review (id, simulated, state, possible_micro, created_at, settled_at, part_id,
  workspace_id)
SELECT pg_temp.id_at(at, 'review' || n), simulated, CASE WHEN is_new THEN 'open' ELSE 'not_billed'
  END, amount, at, CASE WHEN is_new THEN NULL ELSE at END, part_id, workspace_id
FROM paid WHERE state IN ('unknown', 'billed_empty') AND charge_type = 'hosted' ORDER BY n;

INSERT INTO imagegen_ledgertransaction (id, key, kind, workspace_id, simulated, part_id, micro,
  month, reason, created_at)
SELECT id, key, kind, workspace_id, simulated, part_id, micro, date_trunc('month', at)::date, '', at
FROM paid, LATERAL (VALUES
  (hold_id, 'hold:' || part_id, 'hold', hold),
  (end_id, 'end:' || part_id, CASE WHEN charged > 0 THEN 'capture' ELSE 'release' END, hold),
  (pg_temp.id_at(at, 'loss' || n), 'loss:' || part_id, 'loss', cost - charged)
) booked (id, key, kind, micro)
WHERE charge_type = 'hosted' AND micro > 0 ORDER BY n;

-- Of the newest only: pages read those of one request, and they are five for each.
INSERT INTO imagegen_ledgerentry (id, transaction_id, workspace_id, simulated, account, micro)
SELECT pg_temp.id_at(at, account || booked.transaction_id), booked.transaction_id, workspace_id,
  simulated, account, micro
FROM paid, LATERAL (VALUES
  (hold_id, 'wallet', -hold),
  (hold_id, 'held', hold),
  (end_id, 'held', -hold),
  (end_id, 'wallet', hold - charged),
  (end_id, 'sales', charged),
  (pg_temp.id_at(at, 'loss' || n), 'losses', charged - cost),
  (pg_temp.id_at(at, 'loss' || n), 'providers', cost - charged)
) booked (transaction_id, account, micro)
WHERE charge_type = 'hosted' AND micro <> 0 AND is_new ORDER BY n;

INSERT INTO imagegen_statementline (id, provider, model, charge_type, key_label, outcome, simulated,
  parts, images, charged_micro, corrected_micro, released_micro, loss_micro, list_micro, cost_micro,
  key, at, step_identifier, run_number, request_id, units, reason, part_id, step_run_id, user_id,
  workflow_id, workspace_id)
SELECT pg_temp.id_at(at, 'line' || n), provider, model, charge_type, key_label, state, simulated, 1,
  came, charged, 0, CASE charge_type WHEN 'hosted' THEN hold - charged ELSE 0 END, cost - charged,
  list, cost, 'part:' || part_id, at, 'step_1', number, 'req_' || n,
  '48 text in tokens · 1,056 image out tokens', '', part_id, step_run_id, user_id, workflow_id,
  workspace_id
FROM paid ORDER BY n;

INSERT INTO imagegen_daytotal (id, day, digest, workspace_id, user_id, provider, model, charge_type,
  key_label, outcome, simulated, parts, images, charged_micro, corrected_micro, released_micro,
  loss_micro, list_micro, cost_micro)
SELECT pg_temp.id_at(day, digest), day, digest, workspace_id, user_id, provider, model, charge_type,
  key_label, outcome, simulated, parts, images, charged, 0, released, loss, list, cost
FROM (
  SELECT day, workspace_id, user_id, provider, model, charge_type, key_label, outcome, simulated,
    sum(parts) AS parts, sum(images) AS images, sum(charged_micro) AS charged,
    sum(released_micro) AS released, sum(loss_micro) AS loss, sum(list_micro) AS list,
    sum(cost_micro) AS cost,
    encode(sha256(convert_to(concat_ws(E'\x1f', day, workspace_id, user_id, provider, model,
      charge_type, key_label, outcome, CASE WHEN simulated THEN 'True' ELSE 'False' END), 'UTF8')),
      'hex') AS digest
  FROM (SELECT (at AT TIME ZONE 'UTC')::date AS day, * FROM imagegen_statementline
        WHERE workflow_id IN (SELECT workflow_id FROM someone)) lines
  GROUP BY day, workspace_id, user_id, provider, model, charge_type, key_label, outcome, simulated
) summed ORDER BY day;
