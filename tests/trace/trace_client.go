// trace-client ADDRESS [more] METHOD [PARAMETERS]: a call with varlink's Go library, which
// shares no code with ours. Prints the parameters of each reply as one line of JSON; PARAMETERS
// are JSON, too. With "more" it prints all replies of a stream. Exits with 1 after an error, which
// it prints.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/varlink/go/varlink"
)

func call(ctx context.Context, address, method string, flags uint64, parameters interface{}) error {
	c, err := varlink.NewConnection(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close()
	receive, err := c.Send(ctx, method, parameters, flags)
	if err != nil {
		return err
	}
	for {
		var reply json.RawMessage
		got, err := receive(ctx, &reply)
		if err != nil {
			return err
		}
		fmt.Println(string(reply))
		if got&varlink.Continues == 0 {
			return nil
		}
	}
}

func main() {
	var flags uint64
	var parameters interface{}

	args := os.Args[1:]
	if len(args) > 1 && args[1] == "more" {
		flags = varlink.More
		args = append(args[:1], args[2:]...)
	}
	if len(args) < 2 || len(args) > 3 {
		fmt.Fprintln(os.Stderr, "usage: trace-client ADDRESS [more] METHOD [PARAMETERS]")
		os.Exit(2)
	}
	if len(args) == 3 {
		parameters = json.RawMessage(args[2])
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	if err := call(ctx, args[0], args[1], flags, parameters); err != nil {
		var refused *varlink.Error
		if errors.As(err, &refused) {
			raw, _ := json.Marshal(refused.Parameters)
			fmt.Println(refused.Name, string(raw))
		} else {
			fmt.Println(err)
		}
		os.Exit(1)
	}
}
