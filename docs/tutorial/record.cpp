#include <iostream>
#include <joinery.hpp>
#include <string>

// [record]
using namespace joinery;

struct profile {
    BOOST_HANA_DEFINE_STRUCT(profile, (lww_register<std::string>, name), (pn_counter, logins),
                             (aw_set<std::string>, tags));
};

using profile_replica = sync::replica<product<profile>, compressed_with<wire::zstd>>;
// [record] end

int main() {
    // [edit]
    profile_replica alice{replica_id{1}};
    auto const edited = alice.edit([](auto p) {
        p[&profile::name].assign("Ada");
        p[&profile::logins].increment();
        p[&profile::tags].insert("admin");
    });
    // [edit] end
    if (!edited) {
        std::cerr << edited.error().message << '\n';
        return 1;
    }

    // [read]
    auto const& ada = alice.state();
    std::cout << ada[&profile::name].value() << ", " << ada[&profile::logins].value() << " login, "
              << ada[&profile::tags].size() << " tag\n";
    // [read] end
    return ada[&profile::tags].contains("admin") ? 0 : 1;
}
