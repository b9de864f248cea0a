package sandbox

import (
	"fmt"
	"net/http"
)

// refusal is an answer that says no, before it is put into a protocol.
type refusal struct {
	Status  int
	Code    string // without the Exception that JSON services add; see protocol.refuse
	Message string
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

func refuse(status int, code, format string, args ...any) *refusal {
	return &refusal{status, code, fmt.Sprintf(format, args...)}
}

// notHere answers for an API that the sandbox does not have.
func notHere(name string) *refusal {
	return refuse(http.StatusNotImplemented, "NotImplemented", "the sandbox has no %s", name)
}

// invalid is Roles Anywhere's ValidationException.
func invalid(format string, args ...any) *refusal {
	return refuse(http.StatusBadRequest, "ValidationException", format, args...)
}

// missing is Roles Anywhere's ResourceNotFoundException.
func missing(format string, args ...any) *refusal {
	return refuse(http.StatusNotFound, "ResourceNotFoundException", format, args...)
}

// noEntity is IAM's NoSuchEntity.
func noEntity(format string, args ...any) *refusal {
	return refuse(http.StatusNotFound, "NoSuchEntity", format, args...)
}
