#pragma once

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace joinery::test {

/// An empty directory that goes with the object.
class scratch_directory {
public:
    scratch_directory() {
        auto name = (std::filesystem::temp_directory_path() / "joinery-store-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no scratch directory can be made");
        }
        path_ = name;
    }
    scratch_directory(scratch_directory const&) = delete;
    scratch_directory& operator=(scratch_directory const&) = delete;
    ~scratch_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::filesystem::path operator/(char const* name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

} // namespace joinery::test
