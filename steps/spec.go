package steps

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// encodeSpec puts what will be made into a change.
func encodeSpec(spec any) json.RawMessage {
	data, err := json.Marshal(spec)
	if err != nil {
		panic("steps: encode spec: " + err.Error()) // specs are plain structs of ours
	}
	return data
}

// decodeSpec reads what was shown back out of a change.
func decodeSpec[T any](change Change) (T, error) {
	var spec T
	if err := json.Unmarshal(change.Spec, &spec); err != nil {
		return spec, fmt.Errorf("read spec of %s: %w", change.ID, err)
	}
	return spec, nil
}

// AnchorPlaceholder stands in a spec for the trust anchor's ARN, which is known
// only after apply.
const AnchorPlaceholder = "${anchor.arn}"

// withAnchor puts the ARN in its place.
func withAnchor(text, arn string) string {
	return strings.ReplaceAll(text, AnchorPlaceholder, arn)
}

// shown shortens a path for people: the home directory is ~.
func (e *Env) shown(path string) string {
	if rel, err := filepath.Rel(e.World.Machine.UserHome, path); err == nil && !strings.HasPrefix(rel, "..") {
		return "~/" + filepath.ToSlash(rel)
	}
	return path
}
