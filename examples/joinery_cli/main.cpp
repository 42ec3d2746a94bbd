// joinery: a document in a file, edited offline and brought together with its other replicas.

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "numbers.hpp"
#include "program.hpp"

namespace {

using program::arguments;

/// An option or an argument that is one number: one that does not fit is an error, never another
/// number.
template <class Number>
CLI::Option& add_number(CLI::App& app, std::string const& name, Number& number,
                        std::string const& does) {
    auto const read = [&number, name](std::string const& word) {
        auto const parsed = program::parse_number<Number>(word);
        if (!parsed) {
            throw CLI::ValidationError(name, parsed.error().message);
        }
        number = *parsed;
    };
    return *app.add_option_function<std::string>(name, read, does)->type_name("NUMBER");
}

/// The options and the action of one command.
class command {
public:
    command(CLI::App& app, std::string const& name, std::string const& does, arguments& given,
            joinery::result<void> (*run)(arguments const&), joinery::result<void>& outcome)
        : app_{*app.add_subcommand(name, does)}, given_{given} {
        app_.add_option("FILE", given.file, "the file of the document")->required();
        app_.callback([run, &given, &outcome] { outcome = run(given); });
    }
    command& path(std::string const& does) {
        app_.add_option("PATH", given_.path, does)->required();
        return *this;
    }
    command& value(std::string const& does) {
        app_.add_option("VALUE", given_.value, does)->required();
        add_number(app_, "--value-limit", given_.value_bytes_max, "the most bytes of one value");
        return *this;
    }
    command& address() {
        app_.add_option("HOST:PORT", given_.address, "for example 127.0.0.1:7000")->required();
        add_number(app_, "--rate", given_.bytes_per_second_max, "send no more bytes a second");
        add_number(app_, "--timeout", given_.timeout_s, "seconds to wait for a silent peer");
        return *this;
    }
    [[nodiscard]] CLI::App& options() { return app_; }

private:
    CLI::App& app_;
    arguments& given_;
};

constexpr auto json_or_text = "JSON, or a bare word for a string";

void add_editing(CLI::App& app, arguments& given, joinery::result<void>& outcome) {
    command(app, "set", "write a value; an object becomes a map", given, program::set, outcome)
        .path("where, as /key/key")
        .value(json_or_text);
    command insert(app, "insert", "insert into the list at a path", given, program::insert,
                   outcome);
    insert.path("where, as /key/key; a number is an index in a list")
        .options()
        .add_option("INDEX", given.index, "in front of which element; - is the end")
        ->required();
    insert.value(json_or_text);
    auto& splice =
        command(app, "splice", "edit the text at a path", given, program::splice, outcome)
            .path("where, as /key/key")
            .options();
    add_number(splice, "INDEX", given.position, "at which character").required();
    add_number(splice, "COUNT", given.count, "how many characters give way").required();
    splice.add_option("TEXT", given.value, "what comes in their place")->required();
    auto& increment = command(app, "increment", "add to the counter at a path", given,
                              program::increment, outcome)
                          .path("where, as /key/key")
                          .options();
    add_number(increment, "N", given.amount, "how much; may be negative").default_str("1");
    command(app, "add", "insert into the set at a path", given, program::add, outcome)
        .path("where, as /key/key")
        .value(json_or_text);
    command(app, "remove", "erase from the set at a path", given, program::remove, outcome)
        .path("where, as /key/key")
        .value(json_or_text);
    command(app, "delete", "erase what is at a path", given, program::erase, outcome)
        .path("where, as /key/key");
}

void add_files(CLI::App& app, arguments& given, joinery::result<void>& outcome) {
    command(app, "init", "make a new document in a new file", given, program::init, outcome)
        .options()
        .add_flag("--join", given.joins, "of no document yet: of that of the first peer");
    auto& imports = command(app, "import", "write a JSON file into the document, all or nothing",
                            given, program::import_file, outcome)
                        .options();
    imports.add_option("JSON", given.source, "the file to read; - is the standard input")
        ->required();
    imports.add_option("--at", given.path, "where, as /key/key; the whole document if not given");
    imports.add_flag("--records", given.has_records,
                     "make maps of the arrays whose objects have a code, id or name of their own");
    add_number(imports, "--value-limit", given.value_bytes_max, "the most bytes of one value");
    command(app, "get", "print what is at a path", given, program::get, outcome)
        .path("where, as /key/key")
        .options()
        .add_flag("--raw", given.is_raw, "a string without quotes");
    command(app, "list", "print every place with its value, one a line", given, program::list,
            outcome)
        .options()
        .add_option("PATH", given.path, "below where, as /key/key");
    auto& exports = command(app, "export", "print the document, or a part of it, as JSON", given,
                            program::export_file, outcome)
                        .options();
    exports.add_option("PATH", given.path, "where, as /key/key");
    exports.add_flag("--pretty", given.is_pretty, "with lines and indentation");
}

void add_replication(CLI::App& app, arguments& given, joinery::result<void>& outcome) {
    command(app, "conflicts", "list the places that were written concurrently", given,
            program::list_conflicts, outcome);
    command(app, "log", "list the changes", given, program::list_changes, outcome);
    command(app, "stats", "print what the file holds", given, program::show_stats, outcome);
    command(app, "listen", "wait for peers and sync with them; port 0 takes a free one", given,
            program::listen, outcome)
        .address()
        .options()
        .add_flag("--once", given.ends_after_one, "end after the first peer");
    command(app, "sync", "sync with a peer that listens", given, program::sync, outcome).address();
    auto& watch = command(app, "watch",
                          "stay in touch with peers and print what changes, as it "
                          "changes; a line of JSON for each step",
                          given, program::watch, outcome)
                      .options();
    watch.add_option("--listen", given.address, "HOST:PORT to wait for peers at");
    watch.add_option("--connect", given.peer, "HOST:PORT of somebody who watches with --listen");
    watch.add_option("--type", given.value, "text to type, one character after the other");
    watch.add_option("--at", given.path, "the text to type into, as /key/key");
    add_number(watch, "--pace", given.pace_ms, "milliseconds between two characters");
    add_number(watch, "--quiet", given.quiet_s, "end after so many seconds without a change");
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"joinery: a document in a file that is edited anywhere, even offline, and synced "
                 "with its other replicas.",
                 "joinery"};
    app.require_subcommand(1);
    app.failure_message([](CLI::App const*, CLI::Error const& wrong) {
        return std::string{"joinery: "} + wrong.what() + "; see joinery --help\n";
    });
    arguments given;
    joinery::result<void> outcome;
    add_files(app, given, outcome);
    add_editing(app, given, outcome);
    add_replication(app, given, outcome);
    CLI11_PARSE(app, argc, argv);

    if (outcome && !std::cout.flush()) {
        outcome = joinery::failure(joinery::errc::io, "the output cannot be written");
    }
    if (!outcome) {
        program::note(outcome.error().message);
        return 1;
    }
    return 0;
}
