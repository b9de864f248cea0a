// Package filename is what little of package path/filepath finding a kept session
// needs, of the same meaning.
//
// On Unix it is package path, whose rules are the same there: path/filepath itself
// sorts late among the packages that are initialised, see package early of
// cmd/anywhere-signer.
package filename
