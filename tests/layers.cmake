# Checks what every header includes against the table of layers.
#
#   cmake -D INCLUDE_DIR=... [-D EXPECT_MARKED=ON] -P layers.cmake
#
# Each violation is printed as file:line. With EXPECT_MARKED, the lines that end in `// violation`
# must be found, and no others.
cmake_minimum_required(VERSION 3.25)

# What a layer may include, itself aside.
set(below_core "")
set(below_crdt core)
set(below_wire core)
set(below_store core wire)
set(below_sync core crdt wire store)
set(below_security core wire)
set(below_query core crdt)
set(below_relational core sync store)
set(below_net core crdt wire store sync)
set(below_agent core crdt wire store sync net)
set(below_testing core crdt wire store sync security query relational net agent)

# FILE -> INCLUDED, as regular expressions: what is allowed beyond the table.
set(exceptions
  # The one bridge from cereal to the values of the CRDTs.
  "wire/held_value\\.hpp -> joinery/crdt/held\\.hpp")

# FILE -> INCLUDED: who may include which library. The C++ standard's headers have neither a dot
# nor a slash in their names.
set(libraries
  "core/record\\.hpp -> boost/hana/.*"
  "crdt/product[^/]*\\.hpp -> boost/hana/.*"
  # cereal brings RapidJSON; a distribution may package it by itself.
  "crdt/json[^/]*\\.hpp -> (cereal/external/)?rapidjson/.*"
  "wire/.* -> (cereal/.*|zstd\\.h)"
  "store/sqlite[^/]*\\.hpp -> (sqlite3\\.h|(sys/)?[a-z]+\\.h)"
  "(security|net)/.* -> (openssl|boost)/.*"
  "relational/.* -> sqlite3\\.h")

function(is_listed out file included)
  set(${out} FALSE PARENT_SCOPE)
  foreach(entry IN LISTS ARGN)
    string(REPLACE " -> " ";" entry "${entry}")
    list(GET entry 0 file_pattern)
    list(GET entry 1 included_pattern)
    if(file MATCHES "^${file_pattern}$" AND included MATCHES "^(${included_pattern})$")
      set(${out} TRUE PARENT_SCOPE)
      return()
    endif()
  endforeach()
endfunction()

# Says in `out` why `file`, below joinery/, must not include `included`; empty if it may.
function(find_objection out file included)
  set(${out} "" PARENT_SCOPE)
  string(REGEX MATCH "^[^/]+" layer "${file}")
  if(NOT included MATCHES "[./]")
    return()
  endif()

  if(included STREQUAL "joinery.hpp")
    set(${out} "a header must not include the umbrella" PARENT_SCOPE)
  elseif(included MATCHES "^joinery/([^/]+)/")
    set(other "${CMAKE_MATCH_1}")
    is_listed(excepted "${file}" "${included}" ${exceptions})
    if(NOT other IN_LIST below_${layer} AND NOT other STREQUAL layer AND NOT excepted)
      set(${out} "${layer} must not include ${other}" PARENT_SCOPE)
    elseif(included MATCHES "/store/sqlite[^/]*$" AND NOT file MATCHES "^store/sqlite[^/]*$"
        AND NOT layer MATCHES "^(relational|testing)$")
      set(${out} "only the optional target may include it" PARENT_SCOPE)
    endif()
  else()
    is_listed(allowed "${file}" "${included}" ${libraries})
    if(NOT allowed)
      set(${out} "${file} may not use this library" PARENT_SCOPE)
    endif()
  endif()
endfunction()

set(found 0)
file(GLOB_RECURSE headers RELATIVE "${INCLUDE_DIR}/joinery" "${INCLUDE_DIR}/joinery/*.hpp")
if(NOT headers)
  message(FATAL_ERROR "no headers below ${INCLUDE_DIR}/joinery")
endif()
foreach(file IN LISTS headers)
  string(REGEX MATCH "^[^/]+" layer "${file}")
  # One list element for each line: what a list would trip over is taken out first.
  file(READ "${INCLUDE_DIR}/joinery/${file}" text)
  string(REGEX REPLACE "[][;\\]" "" text "${text}")
  string(REPLACE "\n" ";" lines "${text}")
  set(number 0)
  foreach(line IN LISTS lines)
    math(EXPR number "${number} + 1")
    set(objection "")
    if(number EQUAL 1 AND NOT DEFINED below_${layer})
      set(objection "${layer} is not a layer")
    elseif(line MATCHES "^[ \t]*#[ \t]*include[ \t]*<([^>]+)>")
      find_objection(objection "${file}" "${CMAKE_MATCH_1}")
    elseif(line MATCHES "^[ \t]*#[ \t]*include")
      set(objection "write it as <joinery/...>")
    endif()
    if(EXPECT_MARKED AND line MATCHES "// violation$")
      if(objection)
        set(objection "")
      else()
        set(objection "this violation was not found")
      endif()
    endif()
    if(objection)
      message(NOTICE "${INCLUDE_DIR}/joinery/${file}:${number}: ${objection}: ${line}")
      math(EXPR found "${found} + 1")
    endif()
  endforeach()
endforeach()

if(found)
  message(FATAL_ERROR "${found} lines break the table of layers")
endif()
