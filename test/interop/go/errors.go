package main

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/googleapis/gax-go/v2/apierror"
)

// The error of a call or of an operation, as gax reads it.
func apiError(err error) (*apierror.APIError, error) {
	if err == nil {
		return nil, fmt.Errorf("no error")
	}
	// FromError makes its own of an APIError, and loses the details that came by REST.
	var found *apierror.APIError
	if errors.As(err, &found) {
		return found, nil
	}
	if found, ok := apierror.FromError(err); ok {
		return found, nil
	}
	return nil, err
}

func sawCode(err error) (saw, error) {
	found, other := apiError(err)
	if other != nil {
		return nil, other
	}
	return saw{"code": found.GRPCStatus().Code()}, nil
}

func sawReason(err error) (saw, error) {
	found, other := apiError(err)
	if other != nil {
		return nil, other
	}
	return saw{"code": found.GRPCStatus().Code(), "reason": found.Reason()}, nil
}

func sawFailure(err error) (saw, error) {
	found, other := apiError(err)
	if other != nil {
		return nil, other
	}
	status := found.GRPCStatus()
	return saw{
		"code":    status.Code(),
		"message": status.Message(),
		"reason":  found.Reason(),
		"domain":  found.Domain(),
	}, nil
}

var unresolved = regexp.MustCompile(`unable to resolve "([^"]+)"`)

// The type of an Any that protojson does not know.
func sawUnresolved(err error) (saw, error) {
	found := unresolved.FindStringSubmatch(err.Error())
	if found == nil {
		return nil, err
	}
	return saw{"unresolved": found[1]}, nil
}
