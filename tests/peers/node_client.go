// node_client ADDRESS API-FOLDER CLASS: a client of io.leonhard.Node with varlink's Go library and
// its parser. Prints "ok - ..." or "not ok - ..." for each thing that it tries. CLASS is what the
// server takes this user for, "admin" or "observe".
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/varlink/go/varlink"
	"github.com/varlink/go/varlink/idl"
)

const node = "io.leonhard.Node"

type power struct {
	Name     string `json:"name"`
	Group    string `json:"group"`
	State    string `json:"state"`
	Detail   string `json:"detail"`
	Evidence string `json:"evidence"`
}

type powers struct {
	Powers   []power `json:"powers"`
	ProbedNs *int64  `json:"probed_ns"`
}

type machine struct {
	Hostname string `json:"hostname"`
	Kernel   struct {
		Release string `json:"release"`
		Machine string `json:"machine"`
	} `json:"kernel"`
	Numa []struct {
		Distances []int64 `json:"distances"`
	} `json:"numa"`
	MemoryBytes int64 `json:"memory_bytes"`
	BootTimeNs  int64 `json:"boot_time_ns"`
	UptimeNs    int64 `json:"uptime_ns"`
}

type tester struct {
	ctx     context.Context
	address string
	c       *varlink.Connection
	class   string
	failed  bool
}

func (t *tester) check(text string, err error) {
	if err == nil {
		fmt.Printf("ok - Go, %s: %s\n", t.class, text)
		return
	}
	fmt.Printf("not ok - Go, %s: %s: %v\n", t.class, text, err)
	t.failed = true
}

func want(good bool, format string, arguments ...interface{}) error {
	if good {
		return nil
	}
	return fmt.Errorf(format, arguments...)
}

func (t *tester) call(method string, parameters interface{}, reply interface{}) error {
	return t.c.Call(t.ctx, method, parameters, reply)
}

// parse gives a description to the library's parser, as far as that knows the language: version
// 0.4.0 is older than capitals in an interface's name, and demands a method, which an interface
// that only holds errors has not. Both are made up for; everything else is read as it stands. A
// comment without a text would make it skip the next line.
func parse(name string, description string) error {
	if strings.Contains(description, "\n#\n") {
		return fmt.Errorf("%s has an empty comment", name)
	}
	text := strings.Replace(description, "\ninterface "+name+"\n",
		"\ninterface "+strings.ToLower(name)+"\n", 1)
	methods := strings.Count(text, "\nmethod ")
	if methods == 0 {
		text += "\nmethod Added() -> ()\n"
		methods++
	}
	parsed, err := idl.New(text)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return want(parsed.Name == strings.ToLower(name) && len(parsed.Methods) == methods,
		"%s was read as %s with %d methods", name, parsed.Name, len(parsed.Methods))
}

func (t *tester) files(folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "*.varlink"))
	if err == nil && len(names) == 0 {
		err = errors.New("there are none")
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		interfaceName := strings.TrimSuffix(filepath.Base(name), ".varlink")
		if err = parse(interfaceName, string(text)); err != nil {
			return err
		}
	}
	return err
}

func (t *tester) describedInterfaces() error {
	var vendor, product, version, url string
	var interfaces []string
	err := t.c.GetInfo(t.ctx, &vendor, &product, &version, &url, &interfaces)
	if err != nil {
		return err
	}
	if vendor == "" || product == "" || version == "" || url == "" {
		return fmt.Errorf("'%s' '%s' '%s' '%s'", vendor, product, version, url)
	}
	all := strings.Join(interfaces, " ") + " "
	if !strings.Contains(all, node+" ") || !strings.Contains(all, "org.varlink.service ") {
		return fmt.Errorf("interfaces are %s", all)
	}
	for _, name := range interfaces {
		text, err := t.c.GetInterfaceDescription(t.ctx, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err = parse(name, text); err != nil {
			return err
		}
	}
	return nil
}

func (t *tester) servedAsWritten(folder string) error {
	written, err := os.ReadFile(filepath.Join(folder, node+".varlink"))
	if err != nil {
		return err
	}
	served, err := t.c.GetInterfaceDescription(t.ctx, node)
	if err != nil {
		return err
	}
	return want(served == string(written), "the server has another text")
}

func (t *tester) unknownDescription() error {
	_, err := t.c.GetInterfaceDescription(t.ctx, "io.leonhard.Nothing")
	var notFound *varlink.InterfaceNotFound
	return want(errors.As(err, &notFound) && notFound.Interface == "io.leonhard.Nothing",
		"%v", err)
}

func (t *tester) describe() error {
	var m machine
	if err := t.call(node+".Describe", nil, &m); err != nil {
		return err
	}
	for _, numa := range m.Numa {
		if len(numa.Distances) != len(m.Numa) {
			return fmt.Errorf("%+v", m)
		}
	}
	return want(m.Hostname != "" && m.Kernel.Release != "" && m.Kernel.Machine != "" &&
		len(m.Numa) > 0 && m.MemoryBytes > 0 && m.BootTimeNs > 0 && m.UptimeNs > 0,
		"%+v", m)
}

func (p *powers) problem(group string) error {
	if len(p.Powers) == 0 {
		return errors.New("no powers")
	}
	for _, power := range p.Powers {
		if power.Name == "" || group != "" && power.Group != group ||
			!strings.Contains(" yes no unknown ", " "+power.State+" ") {
			return fmt.Errorf("%+v", power)
		}
	}
	return nil
}

func (t *tester) groups() error {
	var all, some powers
	if err := t.call(node+".ListPowers", nil, &all); err != nil {
		return err
	}
	if err := all.problem(""); err != nil {
		return err
	}
	group := all.Powers[0].Group
	err := t.call(node+".ListPowers", map[string]string{"group": group}, &some)
	if err != nil {
		return err
	}
	if err := some.problem(group); err != nil {
		return err
	}
	return want(len(some.Powers) < len(all.Powers), "group %s holds all powers", group)
}

func (t *tester) invalid(parameters interface{}, name string) error {
	err := t.call(node+".ListPowers", parameters, nil)
	var invalid *varlink.InvalidParameter
	if !errors.As(err, &invalid) {
		return fmt.Errorf("%v", err)
	}
	return want(invalid.Parameter == name, "the parameter is '%s'", invalid.Parameter)
}

func (t *tester) unknownMethod() error {
	err := t.call(node+".Nothing", nil, nil)
	var notFound *varlink.MethodNotFound
	if !errors.As(err, &notFound) {
		return fmt.Errorf("%v", err)
	}
	return want(strings.HasSuffix(notFound.Method, "Nothing"), "'%s'", notFound.Method)
}

func (t *tester) unknownInterface() error {
	err := t.call("io.leonhard.Nothing.List", nil, nil)
	var notFound *varlink.InterfaceNotFound
	if !errors.As(err, &notFound) {
		return fmt.Errorf("%v", err)
	}
	return want(notFound.Interface == "io.leonhard.Nothing", "'%s'", notFound.Interface)
}

// watch leaves while the stream goes on, on a connection of its own.
func (t *tester) watch() error {
	c, err := varlink.NewConnection(t.ctx, t.address)
	if err != nil {
		return err
	}
	defer c.Close()
	receive, err := c.Send(t.ctx, node+".Watch", nil, varlink.More)
	if err != nil {
		return err
	}
	var first powers
	flags, err := receive(t.ctx, &first)
	if err != nil {
		return err
	}
	if flags&varlink.Continues == 0 {
		return errors.New("the stream ended")
	}
	return first.problem("")
}

func (t *tester) watchWithoutMore() error {
	err := t.call(node+".Watch", nil, nil)
	return want(err != nil && err.Error() == "io.leonhard.Rpc.ExpectedMore", "%v", err)
}

// oneway calls what would be answered differently from the call behind it.
func (t *tester) oneway() error {
	var p powers
	if _, err := t.c.Send(t.ctx, node+".Describe", nil, varlink.Oneway); err != nil {
		return err
	}
	if err := t.call(node+".ListPowers", nil, &p); err != nil {
		return err
	}
	return p.problem("")
}

// pipelined sends three calls before it reads the first reply.
func (t *tester) pipelined() error {
	var m machine
	var p, q powers
	var receive [3]func(context.Context, interface{}) (uint64, error)
	var err error
	for i, method := range []string{".ListPowers", ".Describe", ".ListPowers"} {
		if receive[i], err = t.c.Send(t.ctx, node+method, nil, 0); err != nil {
			return err
		}
	}
	for i, reply := range []interface{}{&p, &m, &q} {
		if _, err := receive[i](t.ctx, reply); err != nil {
			return err
		}
	}
	return want(p.problem("") == nil && q.problem("") == nil && m.Hostname != "", "%v", m)
}

func (t *tester) refused() error {
	err := t.call(node+".Probe", nil, nil)
	return want(err != nil && err.Error() == "org.varlink.service.PermissionDenied", "%v", err)
}

func (t *tester) all(folder string) {
	t.check("its parser takes every file in api/", t.files(folder))
	t.check("GetInfo, and its parser takes every interface", t.describedInterfaces())
	t.check("GetInterfaceDescription gives the file of api/", t.servedAsWritten(folder))
	t.check("an interface that is not there has no description", t.unknownDescription())
	t.check("Describe", t.describe())
	t.check("ListPowers, all and of one group", t.groups())
	t.check("a group that is a number is the invalid parameter 'group'",
		t.invalid(map[string]int{"group": 7}, "group"))
	t.check("a parameter that does not exist is invalid by its name",
		t.invalid(map[string]int{"colour": 7}, "colour"))
	t.check("a method that does not exist", t.unknownMethod())
	t.check("an interface that does not exist", t.unknownInterface())
	t.check("Watch: the first reply, and more to come", t.watch())
	t.check("Watch without more", t.watchWithoutMore())
	t.check("oneway: no reply comes", t.oneway())
	t.check("calls that do not wait for each other", t.pipelined())
	if t.class != "admin" {
		t.check("Probe is refused", t.refused())
	}
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: node_client ADDRESS API-FOLDER CLASS")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	t := tester{ctx: ctx, address: os.Args[1], class: os.Args[3]}
	c, err := varlink.NewConnection(ctx, t.address)
	t.check("connects", err)
	if err != nil {
		os.Exit(1)
	}
	defer c.Close()
	t.c = c
	t.all(os.Args[2])
	if t.failed {
		os.Exit(1)
	}
}
