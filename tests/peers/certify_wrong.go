// certify_wrong ADDRESS: what the certification program of varlink's Go library does not try: each
// step of org.varlink.certification with a wrong argument, which the server must refuse with the
// error of the interface. Prints what was not refused, and exits with 1.
package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	certification "github.com/varlink/go/cmd/varlink-go-certification/orgvarlinkcertification"
	"github.com/varlink/go/varlink"
)

type numbers = struct {
	Bool   bool
	Int    int64
	Float  float64
	String string
}

// mytype is the value that Test10 takes, but for the member "enum".
func mytype() certification.MyType {
	m := certification.MyType{
		Object: []byte(`{"method": "org.varlink.certification.Test09",
			"parameters": {"map": {"foo": "Foo", "bar": "Bar"}}}`),
		Enum:       "three",
		Array:      []string{"one", "two", "three"},
		Dictionary: map[string]string{"foo": "Foo", "bar": "Bar"},
		Stringset:  map[string]struct{}{"one": {}, "two": {}, "three": {}},
	}
	m.Struct.First, m.Struct.Second = 1, "2"
	m.Interface.Foo = &[]*map[string]string{
		nil, {"Foo": "foo", "Bar": "bar"}, nil, {"one": "foo", "two": "bar"},
	}
	m.Interface.Anon.Foo = true
	return m
}

// wrong calls each step; the result has the error of each.
func wrong(ctx context.Context, c *varlink.Connection, id string) map[string]error {
	all := numbers{false, 2, math.Pi, "a lot of string"}
	result := make(map[string]error)
	_, result["Test02"] = certification.Test02().Call(ctx, c, id, false)
	_, result["Test03"] = certification.Test03().Call(ctx, c, id, -1)
	_, result["Test04"] = certification.Test04().Call(ctx, c, id, 1.25)
	_, _, _, _, result["Test05"] = certification.Test05().Call(ctx, c, id, "PING")
	_, result["Test06"] = certification.Test06().Call(ctx, c, id, true, all.Int, all.Float,
		all.String)
	all.Float = 3.14
	_, result["Test07"] = certification.Test07().Call(ctx, c, id, all)
	_, result["Test08"] = certification.Test08().Call(ctx, c, id,
		map[string]string{"foo": "Foo"})
	_, result["Test09"] = certification.Test09().Call(ctx, c, id,
		map[string]struct{}{"one": {}, "two": {}})
	receive, err := certification.Test10().Send(ctx, c, varlink.More, id, mytype())
	if err == nil {
		_, _, err = receive(ctx)
	}
	result["Test10"] = err
	return result
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: certify_wrong ADDRESS")
		os.Exit(2)
	}
	c, err := varlink.NewConnection(ctx, os.Args[1])
	if err == nil {
		defer c.Close()
	}
	var id string
	if err == nil {
		id, err = certification.Start().Call(ctx, c)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	status := 0
	for step, err := range wrong(ctx, c, id) {
		if _, ok := err.(*certification.CertificationError); !ok {
			fmt.Printf("%s with a wrong argument: %v\n", step, err)
			status = 1
		}
	}
	_, err = certification.Test01().Call(ctx, c, "nobody")
	if err == nil || err.Error() != "org.varlink.certification.ClientIdError" {
		fmt.Printf("Test01 of nobody: %v\n", err)
		status = 1
	}
	os.Exit(status)
}
