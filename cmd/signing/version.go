package signing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"anywhere/signer/jsontext"
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
	text := `{"schemaVersion":1`
	for _, field := range [...][2]string{
		{"program", w.Program}, {"version", w.Version}, {"go", runtime.Version()}, {"os", runtime.GOOS}, {"arch", runtime.GOARCH},
	} {
		text += `,"` + field[0] + `":` + string(jsontext.AppendString(nil, field[1]))
	}
	_, err := io.WriteString(w.Stdout, text+"}\n")
	return err
}
