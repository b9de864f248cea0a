package signing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
)

// version prints the version: a line, or with --json one document.
func version(_ context.Context, w World, args []string) error {
	asJSON := false
	flags := []flag{{name: "json", says: "print one JSON document", yes: &asJSON}}
	if err := parse(args, flags); errors.Is(err, errHelp) {
		io.WriteString(w.Stdout, describe(w.Program, "version", flags))
		return nil
	} else if err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintf(w.Stdout, "%s %s\n", w.Program, w.Version)
		return nil
	}
	return json.NewEncoder(w.Stdout).Encode(struct {
		SchemaVersion int    `json:"schemaVersion"`
		Program       string `json:"program"`
		Version       string `json:"version"`
		Go            string `json:"go"`
		OS            string `json:"os"`
		Arch          string `json:"arch"`
	}{1, w.Program, w.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH})
}
